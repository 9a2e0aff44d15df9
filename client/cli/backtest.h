// Forecasts from many origins of one file against what came after them, all
// from one session that the server holds: observe up to an origin, ask, observe
// on.
#ifndef RECUR_CLIENT_CLI_BACKTEST_H_
#define RECUR_CLIENT_CLI_BACKTEST_H_

#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/forecast_score.h"
#include "client/cli/forecast_view.h"
#include "client/cli/observations.h"
#include "client/sdk/client.h"

namespace recur::cli {

struct BacktestOptions {
  int windows = 1;
  client::ForecastOptions forecast;  // `known` is taken from the file
};

struct BacktestWindow {
  int origin = 0;  // the first row that is forecast
  ForecastView view;
};

struct Backtest {
  std::vector<BacktestWindow> windows;
  std::vector<ForecastScore> scores;  // per target
  // Per target: mean absolute one-step change before the first origin.
  std::vector<double> scales;

  double Mase(int target) const {
    return scores[target].Mae() / scales[target];
  }
};

// Windows are back to back and end with the last row. The session is closed
// at the end. INVALID_ARGUMENT if there are too few rows.
absl::StatusOr<Backtest> RunBacktest(const client::ModelInfo& model,
                                     const Observations& observations,
                                     const BacktestOptions& options,
                                     client::Client& client);

// Forecast and truth of one target over all windows, in row order.
std::vector<PlotPoint> BacktestPoints(const Backtest& backtest,
                                      const Observations& observations,
                                      const client::ModelInfo& model,
                                      int target);

}  // namespace recur::cli

#endif  // RECUR_CLIENT_CLI_BACKTEST_H_
