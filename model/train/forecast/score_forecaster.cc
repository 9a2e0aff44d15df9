#include "model/train/forecast/score_forecaster.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/data/csv.h"
#include "model/train/forecast/backtest.h"
#include "model/train/forecast/forecast_plan.h"

namespace recur {
namespace {

constexpr int kContextHorizons = 3;  // shown before a window
constexpr int kLeastContext = 24;

// What one scoring works on.
struct Test {
  const ForecastData& data;
  const std::vector<double>& levels;
  const std::vector<SeriesGrid>& grids;
  const std::vector<Origin>& origins;
  std::vector<Forecast> forecasts;
};

std::string OriginName(const ForecastData& data, const Origin& origin) {
  const ForecastSeries& own = data.series[origin.series];
  return own.id.empty() ? own.RowName(origin.row)
                        : absl::StrCat(own.id, ", ", own.RowName(origin.row));
}

double TargetAt(const Test& test, int series, int target, int step) {
  return test.grids[series]
      .targets[static_cast<size_t>(step) * test.data.targets + target];
}

int ShortestTrainRows(const ForecastData& data) {
  int shortest = data.series[0].train_rows();
  for (const ForecastSeries& own : data.series) {
    shortest = std::min(shortest, own.train_rows());
  }
  return shortest;
}

ForecastWindow MakeWindow(const Test& test, int target, size_t index) {
  const ForecastData& data = test.data;
  const Forecast& forecast = test.forecasts[index];
  const auto [series, row, origin] = test.origins[index];
  const int shown = std::min(
      origin + 1, std::max(kLeastContext, kContextHorizons * data.horizon));
  ForecastWindow window;
  window.origin = OriginName(data, test.origins[index]);
  for (int step = origin - shown + 1; step <= origin; ++step) {
    window.context.push_back(TargetAt(test, series, target, step));
  }
  const size_t levels = test.levels.size();
  for (int k = 0; k < data.horizon; ++k) {
    const size_t at = static_cast<size_t>(k) * data.targets + target;
    window.truth.push_back(TargetAt(test, series, target, origin + 1 + k));
    window.point.push_back(forecast.point[at]);
    const auto quantiles = forecast.quantiles.begin() + at * levels;
    window.quantiles.insert(window.quantiles.end(), quantiles,
                            quantiles + levels);
  }
  ForecastScorer scorer("", data.horizon, test.levels);
  scorer.Add(window.truth, window.point, window.quantiles, {});
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

ForecastTable ScoreTarget(const Test& test, const ForecastTest& options,
                          absl::Span<const Forecast> linear, int target) {
  const ForecastData& data = test.data;
  const int season = std::max(1, options.season);
  ForecastTable table{data.columns()[target], season};
  table.scores.push_back(ScoreForecasts("model", data, test.grids, test.levels,
                                        season, target, test.origins,
                                        test.forecasts));
  if (!linear.empty()) {
    table.scores.push_back(ScoreForecasts(
        "linear autoregression", data, test.grids,
        options.linear->spec.quantiles, season, target, test.origins, linear));
  }
  const auto add_floor = [&](const std::string& name, int floor_season) {
    table.scores.push_back(ScoreFloor(name, data, test.grids, test.levels,
                                      season, floor_season, target,
                                      test.origins));
  };
  add_floor("naive", 1);
  for (int usual : options.floor_seasons) {
    if (usual < 2 || usual + data.horizon >= ShortestTrainRows(data)) continue;
    add_floor(absl::StrFormat("seasonal naive (%d)", usual), usual);
  }
  table.windows = ChooseWindows(test, target);
  return table;
}

}  // namespace

absl::Status ScoreForecaster(const Servable& model, const ForecastData& data,
                             const ForecastTest& options,
                             ForecastReport* report) {
  report->horizon = data.horizon;
  report->levels = model.spec.quantiles;
  auto grids = MakeGrids(model.features, data);
  if (!grids.ok()) return grids.status();
  const std::vector<Origin> origins = TestOrigins(
      data, *grids, options.stride > 0 ? options.stride : data.horizon);
  if (origins.empty()) return absl::OkStatus();
  auto forecasts = Backtest(model, data, origins);
  if (!forecasts.ok()) return forecasts.status();
  std::vector<Forecast> linear;
  if (options.linear != nullptr) {
    auto own = Backtest(*options.linear, data, origins);
    if (!own.ok()) return own.status();
    linear = *std::move(own);
  }
  const Test test{data, model.spec.quantiles, *grids, origins,
                  *std::move(forecasts)};
  report->windows = static_cast<int>(origins.size());
  const ForecastSeries& first = data.series.front();
  const ForecastSeries& last = data.series.back();
  report->first_test = first.RowName(first.train_rows());
  report->last_test = last.RowName(last.table.rows() - 1);
  for (int target = 0; target < data.targets; ++target) {
    report->tables.push_back(ScoreTarget(test, options, linear, target));
  }
  return absl::OkStatus();
}

}  // namespace recur
