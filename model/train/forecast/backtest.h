// Forecasts of a known series as a server would have made them: the whole
// history goes observation by observation through the features and the
// engine, and at each origin the head answers. Every value before an origin
// has been seen, none after it.
#ifndef RECUR_MODEL_TRAIN_FORECAST_BACKTEST_H_
#define RECUR_MODEL_TRAIN_FORECAST_BACKTEST_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/servable/servable.h"
#include "model/spec/answer.h"
#include "model/train/forecast/forecast_data.h"
#include "model/train/report/forecast_metrics.h"

namespace recur {

// One forecast per origin; `origins` are by series and row, both ascending.
absl::StatusOr<std::vector<Forecast>> Backtest(
    const Servable& model, const ForecastData& data,
    absl::Span<const Origin> origins);

// Origins of a series from the row `first` on whose horizon ends at or before
// `limit` (a step), at least `stride` steps apart.
std::vector<Origin> OriginsBetween(const SeriesGrid& grid, int series,
                                   int first, int limit, int horizon,
                                   int stride);

// Those of the test parts of all series, `stride` steps apart; none without.
std::vector<Origin> TestOrigins(const ForecastData& data,
                                const std::vector<SeriesGrid>& grids,
                                int stride);

// The errors of one target's forecasts. `season` is that of MASE, whose
// divisor is taken from the training rows.
ForecastScore ScoreForecasts(const std::string& name, const ForecastData& data,
                             const std::vector<SeriesGrid>& grids,
                             const std::vector<double>& levels, int season,
                             int target, absl::Span<const Origin> origins,
                             absl::Span<const Forecast> forecasts);

// The same for the floor with this season (1: naive).
ForecastScore ScoreFloor(const std::string& name, const ForecastData& data,
                         const std::vector<SeriesGrid>& grids,
                         const std::vector<double>& levels, int season,
                         int floor_season, int target,
                         absl::Span<const Origin> origins);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_FORECAST_BACKTEST_H_
