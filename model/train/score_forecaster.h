// Scores a forecaster on the untouched tail of a series, as a server would
// have answered: from rolling origins a horizon apart, beside the floors.
#ifndef RECUR_MODEL_TRAIN_SCORE_FORECASTER_H_
#define RECUR_MODEL_TRAIN_SCORE_FORECASTER_H_

#include "absl/status/status.h"
#include "model/servable/servable.h"
#include "model/train/forecast_data.h"
#include "model/train/report.h"

namespace recur {

// Fills horizon, levels, windows, first_test, last_test and tables of *report;
// leaves the tables empty without test rows. `season` is that of the seasonal
// naive forecast and of MASE in steps; 0: the usual one of the interval, and 1
// for MASE. Of each target's windows the newest, the best, the typical (median)
// and the worst by loss are kept; one that is two of these is kept once.
absl::Status ScoreForecaster(const Servable& model, const ForecastData& data,
                             int season, ForecastReport* report);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_SCORE_FORECASTER_H_
