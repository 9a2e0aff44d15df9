// Scores a forecaster on the untouched tail of a series, as a server would
// have answered: from rolling origins a horizon apart, beside the floors.
#ifndef RECUR_MODEL_TRAIN_FORECAST_SCORE_FORECASTER_H_
#define RECUR_MODEL_TRAIN_FORECAST_SCORE_FORECASTER_H_

#include <vector>

#include "absl/status/status.h"
#include "model/servable/servable.h"
#include "model/train/forecast/forecast_data.h"
#include "model/train/report/report.h"

namespace recur {

struct ForecastTest {
  int season = 0;  // of MASE in steps; 0: 1
  // Those of the seasonal naive floors; what is too long for the data is left
  // out.
  std::vector<int> floor_seasons;
  int stride = 0;  // steps between origins; 0: the horizon
  // Answers the autoregression alone, with a band or without, or null.
  const Servable* linear = nullptr;
};

// Fills horizon, levels, windows, first_test, last_test and tables of *report;
// leaves the tables empty without test rows. Of each target's windows the
// newest, the best, the typical (median) and the worst by loss are kept; one
// that is two of these is kept once.
absl::Status ScoreForecaster(const Servable& model, const ForecastData& data,
                             const ForecastTest& options,
                             ForecastReport* report);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_FORECAST_SCORE_FORECASTER_H_
