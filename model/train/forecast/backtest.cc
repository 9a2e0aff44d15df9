#include "model/train/forecast/backtest.h"

#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/train/forecast/forecast_floors.h"

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

  absl::StatusOr<Forecast> Answer(const std::vector<double>& known) {
    const NetworkSpec& network = model.spec.network;
    std::vector<float> future(static_cast<size_t>(network.horizon) *
                              network.future_size);
    std::vector<float> output(OutputSize(network));
    model.features.Future(state.features, network.horizon, known,
                          future.data());
    const HeadRow row{state.hidden.data(), future.data(), output.data()};
    if (auto s = workspace.RunHead({&row, 1}); !s.ok()) return s;
    return model.features.ToForecast(model.spec, state.features, output);
  }
};

std::vector<double> TruthAfter(const ForecastData& data,
                               const std::vector<SeriesGrid>& grids, int target,
                               const Origin& origin) {
  const SeriesGrid& grid = grids[origin.series];
  std::vector<double> truth;
  for (int k = 1; k <= data.horizon; ++k) {
    const size_t step = static_cast<size_t>(origin.step) + k;
    truth.push_back(grid.targets[step * data.targets + target]);
  }
  return truth;
}

// What one target of one series is measured by.
class SeriesYardsticks {
 public:
  SeriesYardsticks(const ForecastData& data, const SeriesGrid& grid, int series,
                   int season, int target)
      : season_(season), values_(grid.Target(target, data.targets)) {
    const ForecastSeries& own = data.series[series];
    const absl::Span<const double> train =
        absl::MakeConstSpan(values_).first(grid.StepsOf(own.train_rows()));
    fixed_.season_error = MeanSeasonalDifference(train, season);
    fixed_.deviation = Deviation(train.first(grid.StepsOf(own.fit_rows())));
  }

  // For a window whose first step is `step`; the steps must not descend.
  Yardsticks Before(int step) {
    for (; next_ < step; ++next_) {
      const double difference =
          next_ < season_ ? NAN
                          : std::abs(values_[next_] - values_[next_ - season_]);
      if (std::isnan(difference)) continue;
      sum_ += difference;
      count_ += 1.0;
    }
    Yardsticks now = fixed_;
    now.season_error_until_now = count_ > 0.0 ? sum_ / count_ : NAN;
    return now;
  }

 private:
  static double Deviation(absl::Span<const double> values) {
    double mean = 0.0;
    double squares = 0.0;
    double count = 0.0;
    for (double value : values) {
      if (std::isnan(value)) continue;
      count += 1.0;
      const double distance = value - mean;
      mean += distance / count;
      squares += distance * (value - mean);
    }
    return count > 0.0 ? std::sqrt(squares / count) : NAN;
  }

  int season_;
  std::vector<double> values_;
  Yardsticks fixed_;
  int next_ = 0;
  double sum_ = 0.0;
  double count_ = 0.0;
};

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

// Adds one target's windows to a scorer: forecast(i) is that from origin i.
template <typename ForecastAt>
ForecastScore ScoreWindows(ForecastScorer scorer, const ForecastData& data,
                           const std::vector<SeriesGrid>& grids, int season,
                           int target, absl::Span<const Origin> origins,
                           ForecastAt forecast) {
  std::optional<SeriesYardsticks> yardsticks;
  for (size_t i = 0; i < origins.size(); ++i) {
    const Origin& origin = origins[i];
    if (i == 0 || origins[i - 1].series != origin.series) {
      yardsticks.emplace(data, grids[origin.series], origin.series, season,
                         target);
    }
    const FloorForecast own = forecast(i);
    scorer.Add(TruthAfter(data, grids, target, origin), own.point,
               own.quantiles, yardsticks->Before(origin.step + 1));
  }
  return scorer.Score();
}

}  // namespace

absl::StatusOr<std::vector<Forecast>> Backtest(
    const Servable& model, const ForecastData& data,
    absl::Span<const Origin> origins) {
  auto workspace = model.engine->CreateWorkspace(1);
  if (!workspace.ok()) return workspace.status();
  std::vector<Forecast> forecasts;
  for (size_t i = 0; i < origins.size();) {
    const int series = origins[i].series;
    const ForecastSeries& own = data.series[series];
    Walk walk{model, **workspace, InitialState(model), {}};
    for (int row = 0; i < origins.size() && origins[i].series == series;
         ++row) {
      if (auto s = walk.Observe(own.At(row)); !s.ok()) {
        return absl::Status(s.code(),
                            absl::StrCat(data.Where(own, row), s.message()));
      }
      if (row != origins[i].row) continue;
      auto forecast = walk.Answer(own.KnownAfter(
          row, data.horizon, model.features.LastKnown(walk.state.features)));
      if (!forecast.ok()) return forecast.status();
      forecasts.push_back(*std::move(forecast));
      ++i;
    }
  }
  return forecasts;
}

std::vector<Origin> OriginsBetween(const SeriesGrid& grid, int series,
                                   int first, int limit, int horizon,
                                   int stride) {
  std::vector<Origin> origins;
  int next = 0;
  for (int row = first; row < static_cast<int>(grid.step_of_row.size());
       ++row) {
    const int step = grid.step_of_row[row];
    if (step + horizon >= limit) break;
    if (!origins.empty() && step < next) continue;
    origins.push_back({series, row, step});
    next = step + stride;
  }
  return origins;
}

std::vector<Origin> TestOrigins(const ForecastData& data,
                                const std::vector<SeriesGrid>& grids,
                                int stride) {
  std::vector<Origin> all;
  for (size_t s = 0; s < grids.size(); ++s) {
    const ForecastSeries& own = data.series[s];
    if (own.test_rows == 0) continue;
    const std::vector<Origin> origins =
        OriginsBetween(grids[s], static_cast<int>(s), own.train_rows() - 1,
                       grids[s].steps, data.horizon, stride);
    all.insert(all.end(), origins.begin(), origins.end());
  }
  return all;
}

ForecastScore ScoreForecasts(const std::string& name, const ForecastData& data,
                             const std::vector<SeriesGrid>& grids,
                             const std::vector<double>& levels, int season,
                             int target, absl::Span<const Origin> origins,
                             absl::Span<const Forecast> forecasts) {
  const int width = static_cast<int>(levels.size());
  return ScoreWindows(
      ForecastScorer(name, data.horizon, levels), data, grids, season, target,
      origins, [&](size_t i) {
        return FloorForecast{
            PickTarget(forecasts[i].point, data.targets, target, 1),
            PickTarget(forecasts[i].quantiles, data.targets, target, width)};
      });
}

ForecastScore ScoreFloor(const std::string& name, const ForecastData& data,
                         const std::vector<SeriesGrid>& grids,
                         const std::vector<double>& levels, int season,
                         int floor_season, int target,
                         absl::Span<const Origin> origins) {
  std::optional<FloorForecaster> floor;
  return ScoreWindows(ForecastScorer(name, data.horizon, levels), data, grids,
                      season, target, origins, [&](size_t i) {
                        const int series = origins[i].series;
                        const SeriesGrid& grid = grids[series];
                        if (i == 0 || origins[i - 1].series != series) {
                          floor.emplace(
                              grid.Target(target, data.targets),
                              grid.StepsOf(data.series[series].train_rows()),
                              data.horizon, floor_season, levels);
                        }
                        return floor->At(origins[i].step);
                      });
}

}  // namespace recur
