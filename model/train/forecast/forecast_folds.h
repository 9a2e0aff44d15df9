// Rolling-origin evaluation of a plan for a forecaster (Tashman 2000): one
// model after the other, each trained on a longer past and scored on what came
// right after it.
#ifndef RECUR_MODEL_TRAIN_FORECAST_FORECAST_FOLDS_H_
#define RECUR_MODEL_TRAIN_FORECAST_FORECAST_FOLDS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/train/forecast/forecast_data.h"
#include "model/train/forecast/forecast_plan.h"
#include "model/train/learning/training_options.h"
#include "model/train/report/forecast_metrics.h"
#include "model/train/report/progress.h"

namespace recur {

// The training part cut `folds` times: the last fold's test is its tail, each
// before it ends where the next one's test begins. A fold's test is as long as
// the test part, or a horizon without one; the test part itself is in none.
// INVALID_ARGUMENT if the first fold would be trained on less than it is tested
// on and a horizon.
absl::StatusOr<std::vector<ForecastData>> RollingFolds(const ForecastData& data,
                                                       int folds);

// Without the newest `part` of the rows to train on and without a test, so that
// what is held back for validation is an earlier stretch; nothing is left of
// part 1 and above. Series whose validation part is given stay as they are.
ForecastData WithoutNewest(const ForecastData& data, double part);

// The model's score of the first target on each fold, the oldest first. What
// the plan has learned (scales, seasons) is of the whole training part.
absl::StatusOr<std::vector<ForecastScore>> RollOrigin(
    const ForecastData& data, const ForecastPlan& plan,
    const TrainingOptions& options, int folds, Progress* progress);

// "4 folds: MAE 2.31 +- 0.12, MASE 0.71 +- 0.03": means and standard
// deviations.
std::string FoldsText(absl::Span<const ForecastScore> scores);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_FORECAST_FORECAST_FOLDS_H_
