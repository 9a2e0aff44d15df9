#include "model/train/backtest.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/train/forecast_floors.h"

namespace recur {
namespace {

// One sequence on its way through a model.
struct Walk {
  const Servable& model;
  Workspace& workspace;
  SequenceState state;
  std::vector<float> inputs;

  absl::Status Observe(const Observation& observation) {
    auto advance = model.features.Check(
        observation, state.features.last_time_us, model.name);
    if (!advance.ok()) return advance.status();
    const int width = model.features.input_size();
    inputs.resize(static_cast<size_t>(advance->intervals) * width);
    model.features.Apply(observation, *advance, &state.features, inputs.data());
    for (int i = 0; i < advance->intervals; ++i) {
      const StepRow row{inputs.data() + static_cast<size_t>(i) * width, 0,
                        state.hidden.data()};
      if (auto s = workspace.Step({&row, 1}); !s.ok()) return s;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Forecast> Answer() {
    const NetworkSpec& network = model.spec.network;
    std::vector<float> future(static_cast<size_t>(network.horizon) *
                              network.future_size);
    std::vector<float> output(OutputSize(network));
    model.features.Future(state.features, network.horizon, {}, future.data());
    const HeadRow row{state.hidden.data(), future.data(), output.data()};
    if (auto s = workspace.RunHead({&row, 1}); !s.ok()) return s;
    return model.features.ToForecast(model.spec, state.features, output);
  }
};

std::vector<double> TruthAfter(const SeriesGrid& grid, const ForecastData& data,
                               int target, int origin) {
  std::vector<double> truth;
  const int step = grid.step_of_row[origin];
  for (int k = 1; k <= data.horizon; ++k) {
    truth.push_back(
        grid.targets[static_cast<size_t>(step + k) * data.targets + target]);
  }
  return truth;
}

double SeasonError(const ForecastData& data, const SeriesGrid& grid, int season,
                   int target) {
  std::vector<double> values = grid.Target(target, data.targets);
  values.resize(grid.step_of_row[data.train_rows() - 1] + 1);
  return MeanSeasonalDifference(values, season);
}

// One target's part of [horizon, targets, width].
std::vector<double> PickTarget(const std::vector<double>& all, int targets,
                               int target, int width) {
  std::vector<double> own;
  const size_t row = static_cast<size_t>(targets) * width;
  for (size_t at = static_cast<size_t>(target) * width; at < all.size();
       at += row) {
    own.insert(own.end(), all.begin() + at, all.begin() + at + width);
  }
  return own;
}

}  // namespace

absl::StatusOr<std::vector<Forecast>> Backtest(const Servable& model,
                                               const ForecastData& data,
                                               absl::Span<const int> origins) {
  auto workspace = model.engine->CreateWorkspace(1);
  if (!workspace.ok()) return workspace.status();
  Walk walk{model, **workspace, InitialState(model), {}};
  std::vector<Forecast> forecasts;
  const int rows = origins.empty() ? 0 : origins.back() + 1;
  for (int row = 0; row < rows; ++row) {
    if (auto s = walk.Observe(data.At(row)); !s.ok()) {
      return absl::Status(s.code(), absl::StrCat(data.Where(row), s.message()));
    }
    if (row != origins[forecasts.size()]) continue;
    auto forecast = walk.Answer();
    if (!forecast.ok()) return forecast.status();
    forecasts.push_back(*std::move(forecast));
  }
  return forecasts;
}

std::vector<int> OriginsBetween(const SeriesGrid& grid, int first, int limit,
                                int horizon, int stride) {
  std::vector<int> origins;
  int next = 0;
  for (int row = first; row < static_cast<int>(grid.step_of_row.size());
       ++row) {
    const int step = grid.step_of_row[row];
    if (step + horizon >= limit) break;
    if (!origins.empty() && step < next) continue;
    origins.push_back(row);
    next = step + stride;
  }
  return origins;
}

ForecastScore ScoreForecasts(const std::string& name, const ForecastData& data,
                             const SeriesGrid& grid,
                             const std::vector<double>& levels, int season,
                             int target, absl::Span<const int> origins,
                             absl::Span<const Forecast> forecasts) {
  ForecastScorer scorer(name, data.horizon, levels,
                        SeasonError(data, grid, season, target));
  const int width = static_cast<int>(levels.size());
  for (size_t i = 0; i < origins.size(); ++i) {
    scorer.Add(TruthAfter(grid, data, target, origins[i]),
               PickTarget(forecasts[i].point, data.targets, target, 1),
               PickTarget(forecasts[i].quantiles, data.targets, target, width));
  }
  return scorer.Score();
}

ForecastScore ScoreFloor(const std::string& name, const ForecastData& data,
                         const SeriesGrid& grid,
                         const std::vector<double>& levels, int season,
                         int floor_season, int target,
                         absl::Span<const int> origins) {
  const std::vector<double> values = grid.Target(target, data.targets);
  const int train = grid.step_of_row[data.train_rows() - 1] + 1;
  const FloorForecaster floor(values, train, data.horizon, floor_season,
                              levels);
  ForecastScorer scorer(name, data.horizon, levels,
                        SeasonError(data, grid, season, target));
  for (int origin : origins) {
    const FloorForecast forecast = floor.At(grid.step_of_row[origin]);
    scorer.Add(TruthAfter(grid, data, target, origin), forecast.point,
               forecast.quantiles);
  }
  return scorer.Score();
}

}  // namespace recur
