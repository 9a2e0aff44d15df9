#include "model/train/forecast/autoregression_fit.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "model/train/forecast/ridge.h"

namespace recur {
namespace {

constexpr int kFolds = 5;
constexpr int kSeriesToLeaveOut = 2 * kFolds;  // enough for whole ones
constexpr int64_t kMostOrigins = 100000;
constexpr double kTargetClip = 30.0;

Weights MakeWeights(const FeatureSpec& spec, int horizon,
                    const std::vector<const std::vector<double>*>& targets) {
  Weights weights;
  for (const TensorShape& shape : FeatureWeightShapes(spec, horizon)) {
    Tensor tensor{shape.dims, {}};
    for (const std::vector<double>* values : targets) {
      for (double value : *values) {
        tensor.values.push_back(static_cast<float>(value));
      }
    }
    tensor.values.resize(ElementCount(shape.dims));
    weights.emplace(shape.name, std::move(tensor));
  }
  return weights;
}

// What is gathered on a walk through the series of one group.
struct Gathering {
  const Features& features;
  const ForecastData& data;
  bool whole_series;            // are left out
  std::vector<RidgeSums> sums;  // [targets]
  std::vector<double> x;
  std::vector<double> y;

  // The moves from the last value at `step`; false if one is missing.
  bool FindTargets(const SeriesGrid& grid, int step, int target,
                   FeatureView state) {
    const double unit = features.spec().output_scale[target];
    const double scale =
        features.spec().running_scale
            ? 1.0
            : features.spec().columns[features.spec().targets[target]].scale;
    for (int k = 0; k < data.horizon; ++k) {
      const size_t row = static_cast<size_t>(step) + 1 + k;
      const double scaled =
          features.ToScaled(state, target,
                            grid.targets[row * data.targets + target]) *
          unit / scale;
      if (std::isnan(scaled)) return false;
      y[k] = std::clamp(scaled, -kTargetClip, kTargetClip);
    }
    return true;
  }

  void AddOrigin(const SeriesGrid& grid, int step, int fold,
                 FeatureView state) {
    for (int target = 0; target < data.targets; ++target) {
      if (!FindTargets(grid, step, target, state)) continue;
      features.AutoregressionInputs(state, target, x.data());
      sums[target].Add(fold, x, y);
    }
  }
};

int FoldAt(bool whole_series, int series, int step, int limit) {
  if (whole_series) return series % kFolds;
  return static_cast<int>(static_cast<int64_t>(step) * kFolds /
                          std::max(1, limit)) %
         kFolds;
}

void GatherSeries(int s, const SeriesGrid& grid, int limit, int64_t stride,
                  Gathering* gathering) {
  const Features& features = gathering->features;
  const ForecastData& data = gathering->data;
  const ForecastSeries& own = data.series[s];
  FeatureState state = features.InitialState();
  std::vector<float> inputs;
  int64_t origins = 0;
  for (size_t row = 0; row < grid.step_of_row.size(); ++row) {
    const int step = grid.step_of_row[row];
    if (step + data.horizon >= limit) break;
    const Observation observation = own.At(static_cast<int>(row));
    // MakeGrids has accepted every row.
    const Advance advance =
        *features.Check(observation, state.last_time_us, "new");
    inputs.resize(static_cast<size_t>(advance.intervals) *
                  features.input_size());
    features.Apply(observation, advance, &state, inputs.data());
    if (step < features.spec().autoregression.lags) continue;
    if (origins++ % stride != 0) continue;
    gathering->AddOrigin(
        grid, step, FoldAt(gathering->whole_series, s, step, limit), state);
  }
}

int GroupOf(const FeatureSpec& spec, const ForecastSeries& series) {
  const int column = spec.autoregression.column;
  return column < 0 ? 0 : static_cast<int>(series.At(0).values[column]);
}

// Of each target. The sums of a group take much memory: one at a time.
std::vector<RidgeFit> FitGroup(int group, const Features& features,
                               const ForecastData& data,
                               const std::vector<SeriesGrid>& grids,
                               const std::vector<int>& limits,
                               bool whole_series) {
  const FeatureSpec& spec = features.spec();
  const int width = spec.autoregression.Width();
  Gathering gathering{features,
                      data,
                      whole_series,
                      {},
                      std::vector<double>(width),
                      std::vector<double>(data.horizon)};
  for (int target = 0; target < data.targets; ++target) {
    gathering.sums.emplace_back(width, data.horizon, kFolds);
  }
  int64_t steps = 0;
  for (int limit : limits) steps += limit;
  const int64_t stride = 1 + steps / kMostOrigins;
  for (size_t s = 0; s < grids.size(); ++s) {
    if (GroupOf(spec, data.series[s]) != group) continue;
    GatherSeries(static_cast<int>(s), grids[s], limits[s], stride, &gathering);
  }
  std::vector<RidgeFit> fits;
  for (RidgeSums& sums : gathering.sums) fits.push_back(sums.Fit());
  return fits;
}

}  // namespace

int AutoregressionFit::FoldOf(int series, int step, int limit) const {
  return FoldAt(whole_series, series, step, limit);
}

absl::StatusOr<AutoregressionFit> FitAutoregression(
    const FeatureSpec& spec, const ForecastData& data,
    const std::vector<SeriesGrid>& grids, const std::vector<int>& limits) {
  AutoregressionFit fit;
  // A series with weights of its own has nothing from the others.
  fit.whole_series =
      spec.autoregression.column < 0 && data.series.size() >= kSeriesToLeaveOut;
  if (spec.autoregression.lags == 0) return fit;
  const int horizon = data.horizon;
  auto features = Features::Create(spec, MakeWeights(spec, horizon, {}));
  if (!features.ok()) return features.status();
  const auto groups =
      static_cast<int>(FeatureWeightShapes(spec, horizon)[0].dims[0]);
  std::vector<RidgeFit> fits;  // [groups, targets]
  for (int group = 0; group < groups; ++group) {
    for (RidgeFit& own :
         FitGroup(group, *features, data, grids, limits, fit.whole_series)) {
      fits.push_back(std::move(own));
    }
  }
  std::vector<const std::vector<double>*> own(fits.size());
  for (int fold = 0; fold < kFolds; ++fold) {
    for (size_t j = 0; j < fits.size(); ++j) own[j] = &fits[j].folds[fold];
    auto made = Features::Create(spec, MakeWeights(spec, horizon, own));
    if (!made.ok()) return made.status();
    fit.folds.push_back(*std::move(made));
  }
  for (size_t j = 0; j < fits.size(); ++j) {
    own[j] = &fits[j].all;
    fit.penalties.push_back(fits[j].penalty);
  }
  fit.weights = MakeWeights(spec, horizon, own);
  return fit;
}

}  // namespace recur
