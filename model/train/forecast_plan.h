// Looks at a series and chooses the model that is trained on it.
//
// Every value is relative to the last one, in units of the mean distance that
// the series moves within the horizon; inputs are the level, the changes and
// the calendar; the calendar of the target steps goes to the decoder. Only the
// training part is looked at, except for which columns have missing values and
// how long the gaps are.
#ifndef RECUR_MODEL_TRAIN_FORECAST_PLAN_H_
#define RECUR_MODEL_TRAIN_FORECAST_PLAN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/spec/model_spec.h"
#include "model/train/forecast_data.h"
#include "model/train/loss.h"

namespace recur {

struct ForecastSettings {
  Cell cell;
  int hidden_size = 48;
  int layers = 1;
  int decoder_size = 48;
  LossKind loss = LossKind::kPinball;  // or kMse
  std::vector<double> quantiles = {0.1, 0.2, 0.3, 0.4, 0.5,
                                   0.6, 0.7, 0.8, 0.9};  // kPinball
  std::vector<int> seasons;  // in steps; the values that far back are inputs
  bool calendar = true;      // choose calendar inputs, if there are times
  int utc_offset_minutes = 0;
};

struct ForecastPlan {
  ModelSpec spec;
  int window = 0;                    // steps of a training sequence
  std::vector<std::string> reasons;  // what was chosen and why, a line each
};

// INVALID_ARGUMENT for settings out of range.
absl::StatusOr<ForecastPlan> PlanForecast(const ForecastData& data,
                                          const ForecastSettings& settings);

// The season of the seasonal naive floor for an interval: the day for what is
// finer, the week for days, the year for weeks and months; 0: none.
int UsualSeason(std::chrono::microseconds interval);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_FORECAST_PLAN_H_
