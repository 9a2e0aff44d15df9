#include "model/train/score_forecaster.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/data/csv.h"
#include "model/train/backtest.h"
#include "model/train/forecast_plan.h"

namespace recur {
namespace {

constexpr int kContextHorizons = 3;  // shown before a window
constexpr int kLeastContext = 24;

// What one scoring works on.
struct Test {
  const ForecastData& data;
  const std::vector<double>& levels;
  SeriesGrid grid;
  std::vector<int> origins;
  std::vector<Forecast> forecasts;
};

std::string RowName(const ForecastData& data, int row) {
  return data.table.times.empty() ? absl::StrCat("row ", row + 1)
                                  : FormatTime(data.table.times[row]);
}

double TargetAt(const Test& test, int target, int step) {
  return test.grid
      .targets[static_cast<size_t>(step) * test.data.targets + target];
}

ForecastWindow MakeWindow(const Test& test, int target, size_t index) {
  const ForecastData& data = test.data;
  const Forecast& forecast = test.forecasts[index];
  const int origin = test.grid.step_of_row[test.origins[index]];
  const int shown = std::min(
      origin + 1, std::max(kLeastContext, kContextHorizons * data.horizon));
  ForecastWindow window;
  window.origin = RowName(data, test.origins[index]);
  for (int step = origin - shown + 1; step <= origin; ++step) {
    window.context.push_back(TargetAt(test, target, step));
  }
  const size_t levels = test.levels.size();
  for (int k = 0; k < data.horizon; ++k) {
    const size_t at = static_cast<size_t>(k) * data.targets + target;
    window.truth.push_back(TargetAt(test, target, origin + 1 + k));
    window.point.push_back(forecast.point[at]);
    const auto quantiles = forecast.quantiles.begin() + at * levels;
    window.quantiles.insert(window.quantiles.end(), quantiles,
                            quantiles + levels);
  }
  ForecastScorer scorer("", data.horizon, test.levels, 0.0);
  scorer.Add(window.truth, window.point, window.quantiles);
  const ForecastScore score = scorer.Score();
  window.loss = levels > 0 ? score.quantile_loss : score.mae;
  return window;
}

std::vector<ForecastWindow> ChooseWindows(const Test& test, int target) {
  std::vector<ForecastWindow> all;
  for (size_t i = 0; i < test.origins.size(); ++i) {
    ForecastWindow window = MakeWindow(test, target, i);
    if (!std::isnan(window.loss)) all.push_back(std::move(window));
  }
  if (all.empty()) return {};
  std::vector<ForecastWindow> chosen = {all.back()};
  chosen.back().kind = "newest";
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.loss < b.loss;
  });
  const auto keep = [&](const char* kind, size_t at) {
    for (ForecastWindow& window : chosen) {
      if (window.origin != all[at].origin) continue;
      absl::StrAppend(&window.kind, ", ", kind);
      return;
    }
    chosen.push_back(all[at]);
    chosen.back().kind = kind;
  };
  keep("typical", all.size() / 2);
  keep("best", 0);
  keep("worst", all.size() - 1);
  return chosen;
}

ForecastTable ScoreTarget(const Test& test, int season, int target) {
  const ForecastData& data = test.data;
  ForecastTable table{data.table.columns[target], std::max(1, season)};
  table.scores.push_back(ScoreForecasts("model", data, test.grid, test.levels,
                                        table.season, target, test.origins,
                                        test.forecasts));
  table.scores.push_back(ScoreFloor("naive", data, test.grid, test.levels,
                                    table.season, 1, target, test.origins));
  const int usual = season > 1 ? season : UsualSeason(data.table.interval);
  if (usual > 1 && usual + data.horizon < data.train_rows()) {
    table.scores.push_back(ScoreFloor(
        absl::StrFormat("seasonal naive (%d)", usual), data, test.grid,
        test.levels, table.season, usual, target, test.origins));
  }
  table.windows = ChooseWindows(test, target);
  return table;
}

}  // namespace

absl::Status ScoreForecaster(const Servable& model, const ForecastData& data,
                             int season, ForecastReport* report) {
  report->horizon = data.horizon;
  report->levels = model.spec.quantiles;
  auto grid = MakeGrid(model.features, data);
  if (!grid.ok()) return grid.status();
  std::vector<int> origins = OriginsBetween(
      *grid, data.train_rows() - 1, grid->steps, data.horizon, data.horizon);
  if (data.test_rows == 0 || origins.empty()) return absl::OkStatus();
  auto forecasts = Backtest(model, data, origins);
  if (!forecasts.ok()) return forecasts.status();
  const Test test{data, model.spec.quantiles, *std::move(grid),
                  std::move(origins), *std::move(forecasts)};
  report->windows = static_cast<int>(test.origins.size());
  report->first_test = RowName(data, data.train_rows());
  report->last_test = RowName(data, data.table.rows() - 1);
  for (int target = 0; target < data.targets; ++target) {
    report->tables.push_back(ScoreTarget(test, season, target));
  }
  return absl::OkStatus();
}

}  // namespace recur
