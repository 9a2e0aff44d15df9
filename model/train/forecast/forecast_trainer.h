// Trains a forecaster on the training rows of its series.
#ifndef RECUR_MODEL_TRAIN_FORECAST_FORECAST_TRAINER_H_
#define RECUR_MODEL_TRAIN_FORECAST_FORECAST_TRAINER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/spec/model_spec.h"
#include "model/train/forecast/forecast_data.h"
#include "model/train/forecast/forecast_plan.h"
#include "model/train/forecast/member_training.h"
#include "model/train/learning/training_options.h"
#include "model/train/report/progress.h"

namespace recur {

struct ForecastTraining {
  Model model;
  // The autoregression alone, with the quantiles of its errors: a floor that
  // the network has to beat. Without lags there is none.
  std::optional<Model> linear;
  std::vector<MemberTraining> members;
  // As ForecastError (forecast_judge.h), of the members' mean and of the
  // autoregression alone; NaN without a validation part.
  double validation_error = 0.0;
  double linear_validation_error = 0.0;
  std::vector<double> band_widths;  // per target, empty without validation

  int steps() const;  // of all members
};

// Trains the members one after the other. Each is trained on the rows before
// the validation part, judged there at the steps of
// ValidationSteps(plan.max_steps) with the averaged weights and the best share
// of its reference, and stopped after `patience` looks without gain. The width
// of the band is fitted to the mean of the members there. Then all is fitted
// and trained afresh on all training rows, for 1.15 times as many steps, unless
// the validation rows were given.
//
// The same arguments give the same weights, bit for bit, on the same machine.
// Runs on the calling thread, which must have called UseOneThreadPerCall().
// Errors: INVALID_ARGUMENT for options out of range or too few rows, INTERNAL
// if training diverges.
absl::StatusOr<ForecastTraining> TrainForecaster(const ForecastData& data,
                                                 const ForecastPlan& plan,
                                                 const TrainingOptions& options,
                                                 Progress* progress);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_FORECAST_FORECAST_TRAINER_H_
