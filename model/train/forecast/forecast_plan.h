// Looks at a series and chooses the model that is trained on it.
//
// Every value is relative to the last one; inputs are the level, the changes,
// the seasons and the calendar; the decoder is told the calendar of the target
// steps, the values whole seasons before them and a linear forecast. Of many
// series each is measured by its own running scale. Only the training part is
// looked at, except for which columns have missing values and how long the gaps
// are.
#ifndef RECUR_MODEL_TRAIN_FORECAST_FORECAST_PLAN_H_
#define RECUR_MODEL_TRAIN_FORECAST_FORECAST_PLAN_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/spec/model_spec.h"
#include "model/train/forecast/forecast_data.h"
#include "model/train/forecast/season_choice.h"
#include "model/train/learning/loss.h"

namespace recur {

struct ForecastSettings {
  Cell cell;
  int hidden_size = 48;
  int layers = 1;
  int decoder_size = 48;
  LossKind loss = LossKind::kPinball;  // or kMse
  std::vector<double> quantiles = {0.1, 0.2, 0.3, 0.4, 0.5,
                                   0.6, 0.7, 0.8, 0.9};  // kPinball
  // In steps; the values that far back are inputs. nullopt: chosen.
  std::optional<std::vector<int>> seasons;
  // Of the linear forecast, in steps; 0: there is none. nullopt: chosen.
  std::optional<int> lags;
  bool calendar = true;  // choose calendar inputs, if there are times
  int utc_offset_minutes = 0;
  std::string time_zone;  // IANA name; empty: the offset
};

struct ForecastPlan {
  ModelSpec spec;  // its network is that of one member (forecast_member.h)
  int window = 0;  // steps of a training sequence
  Seasons seasons;
  std::vector<std::string> reasons;  // what was chosen and why, a line each
};

// INVALID_ARGUMENT for settings out of range.
absl::StatusOr<ForecastPlan> PlanForecast(const ForecastData& data,
                                          const ForecastSettings& settings);

// The season of the seasonal naive floor for an interval: the day for what is
// finer, the week for days, the year for weeks and months; 0: none.
int UsualSeason(std::chrono::microseconds interval);

// Those of the seasonal naive floors: the usual one and those that a model
// looks back by.
std::vector<int> FloorSeasons(const FeatureSpec& features);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_FORECAST_FORECAST_PLAN_H_
