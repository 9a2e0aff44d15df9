// Trains a forecaster on the training rows of a series.
#ifndef RECUR_MODEL_TRAIN_FORECAST_TRAINER_H_
#define RECUR_MODEL_TRAIN_FORECAST_TRAINER_H_

#include <vector>

#include "absl/status/statusor.h"
#include "model/spec/model_spec.h"
#include "model/train/forecast_data.h"
#include "model/train/forecast_plan.h"
#include "model/train/progress.h"
#include "model/train/training_options.h"

namespace recur {

struct ForecastTraining {
  Model model;
  int steps = 0;           // updates of the final model
  int searched_steps = 0;  // updates spent on finding that number
  double loss = 0.0;       // of the last minibatch
  // Mean quantile loss (or the squared error's root) on the validation part,
  // over the column's scale; NaN without a validation part.
  double validation_error = 0.0;
  std::vector<double> band_widths;  // per target, empty without validation
};

// Trains on the rows before the validation tail, looks at the tail at the
// steps of ValidationSteps(max_steps) with the averaged weights, stops after
// `patience` looks without gain, fits the width of the band there, and trains
// afresh on all training rows for 1.15 times as many steps. The same arguments
// give the same weights, bit for bit, on the same machine.
//
// Runs on the calling thread, which must have called UseOneThreadPerCall().
// Errors: INVALID_ARGUMENT for options out of range or too few rows, INTERNAL
// if training diverges.
absl::StatusOr<ForecastTraining> TrainForecaster(const ForecastData& data,
                                                 const ForecastPlan& plan,
                                                 const TrainingOptions& options,
                                                 int max_steps,
                                                 Progress* progress);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_FORECAST_TRAINER_H_
