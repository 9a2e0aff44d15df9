#include "client/cli/backtest_report.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/json_output.h"
#include "client/cli/table.h"

namespace recur::cli {

std::string BacktestReport(const Backtest& backtest) {
  const ForecastView& view = backtest.windows.front().view;
  std::vector<Table::Column> columns = {{"target"},
                                        {"MAE", true},
                                        {"RMSE", true},
                                        {"MASE", true},
                                        {"naive MAE", true}};
  if (view.HasInterval()) {
    columns.push_back({absl::StrCat("in ", view.IntervalName()), true});
  }
  Table table(std::move(columns));
  for (size_t t = 0; t < view.targets.size(); ++t) {
    const ForecastScore& score = backtest.scores[t];
    const double scale = score.Rmse();
    table.AddRow({view.targets[t], FormatNumber(score.Mae(), scale),
                  FormatNumber(scale),
                  FormatNumber(backtest.Mase(static_cast<int>(t))),
                  FormatNumber(score.NaiveMae(), scale),
                  absl::StrFormat("%.1f%%", 100 * score.Coverage())});
  }
  return absl::StrCat(
      absl::StrCat(
          Counted(backtest.windows.size(), "window"), " of ",
          Counted(view.horizon(), "step"),
          view.forecast.extrapolated
              ? absl::StrCat(", extrapolated after step ", view.trained)
              : "",
          ":\n\n"),
      table.ToString(),
      "\nMASE divides by the mean one-step change before the first window; "
      "naive repeats the last value.\n");
}

std::string BacktestJson(const Backtest& backtest) {
  const ForecastView& view = backtest.windows.front().view;
  std::string lines;
  for (size_t t = 0; t < view.targets.size(); ++t) {
    const ForecastScore& score = backtest.scores[t];
    const std::string line =
        JsonLine({{"target", view.targets[t]},
                  {"windows", backtest.windows.size()},
                  {"horizon", view.horizon()},
                  {"extrapolated", view.forecast.extrapolated},
                  {"mae", score.Mae()},
                  {"rmse", score.Rmse()},
                  {"mase", backtest.Mase(static_cast<int>(t))},
                  {"naive_mae", score.NaiveMae()},
                  {"interval", view.Coverage()},
                  {"coverage", score.Coverage()}});
    absl::StrAppend(&lines, line, "\n");
  }
  return lines;
}

}  // namespace recur::cli
