// Forecasts of a known series as a server would have made them: the whole
// history goes observation by observation through the features and the
// engine, and at each origin the head answers. Every value before an origin
// has been seen, none after it.
#ifndef RECUR_MODEL_TRAIN_BACKTEST_H_
#define RECUR_MODEL_TRAIN_BACKTEST_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/servable/servable.h"
#include "model/spec/answer.h"
#include "model/train/forecast_data.h"
#include "model/train/forecast_metrics.h"

namespace recur {

// One forecast per origin; `origins` are rows, ascending.
absl::StatusOr<std::vector<Forecast>> Backtest(const Servable& model,
                                               const ForecastData& data,
                                               absl::Span<const int> origins);

// Origins from `first` on whose horizon ends at or before `limit` (a step),
// at least `stride` steps apart.
std::vector<int> OriginsBetween(const SeriesGrid& grid, int first, int limit,
                                int horizon, int stride);

// The errors of one target's forecasts. `season` is that of MASE, whose
// divisor is taken from the training rows.
ForecastScore ScoreForecasts(const std::string& name, const ForecastData& data,
                             const SeriesGrid& grid,
                             const std::vector<double>& levels, int season,
                             int target, absl::Span<const int> origins,
                             absl::Span<const Forecast> forecasts);

// The same for the floor with this season (1: naive).
ForecastScore ScoreFloor(const std::string& name, const ForecastData& data,
                         const SeriesGrid& grid,
                         const std::vector<double>& levels, int season,
                         int floor_season, int target,
                         absl::Span<const int> origins);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_BACKTEST_H_
