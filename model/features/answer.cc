// Network outputs -> answers in raw units.
#include <algorithm>
#include <cmath>
#include <limits>

#include "model/features/features.h"
#include "model/spec/median_mix.h"

namespace recur {
namespace {

// In place and without a strict weak order: outputs may be NaN.
void SortAscending(double* values, size_t count) {
  for (size_t i = 1; i < count; ++i) {
    const double value = values[i];
    size_t at = i;
    for (; at > 0 && values[at - 1] > value; --at) values[at] = values[at - 1];
    values[at] = value;
  }
}

// The value at level 0.5 of ascending values at ascending levels.
double Median(const std::vector<double>& levels, const double* values) {
  const MedianMix mix = MixOfMedian(levels);
  const double below = values[mix.below];
  if (mix.part == 0.0) return below;
  return below + mix.part * (values[mix.above] - below);
}

}  // namespace

double Features::AnchorOf(FeatureView state, int target) const {
  const int column = spec_.targets[target];
  const double mean = spec_.columns[column].mean;
  return spec_.anchor == Anchor::kMean ? mean : LastOr(state, column, mean);
}

double Features::ToRaw(FeatureView state, int target, float output) const {
  const double unit = spec_.running_scale ? ScaleOf(state, target) : 1.0;
  return AnchorOf(state, target) + output * (unit * spec_.output_scale[target]);
}

float Features::ToScaled(FeatureView state, int target, double raw) const {
  constexpr double kLimit = std::numeric_limits<float>::max();
  const double unit = spec_.running_scale ? ScaleOf(state, target) : 1.0;
  const double scaled =
      (raw - AnchorOf(state, target)) / (unit * spec_.output_scale[target]);
  return static_cast<float>(std::clamp(scaled, -kLimit, kLimit));
}

Forecast Features::ToForecast(const ModelSpec& model, FeatureView state,
                              absl::Span<const float> output) const {
  const size_t targets = spec_.targets.size();
  const size_t levels = std::max<size_t>(1, model.quantiles.size());
  Forecast forecast;
  forecast.warming_up = WarmingUp(state);
  if (state.clock.last_time_us != FeatureState::kNoTime) {
    forecast.start_us = state.clock.last_time_us + spec_.interval.count();
  }
  forecast.point.resize(output.size() / levels);
  std::vector<double> values(output.size());
  for (size_t i = 0; i < forecast.point.size(); ++i) {
    double* own = values.data() + i * levels;
    for (size_t q = 0; q < levels; ++q) {
      own[q] =
          ToRaw(state, static_cast<int>(i % targets), output[i * levels + q]);
    }
    SortAscending(own, levels);
    forecast.point[i] =
        model.quantiles.empty() ? own[0] : Median(model.quantiles, own);
  }
  if (!model.quantiles.empty()) forecast.quantiles = std::move(values);
  return forecast;
}

Classification ToClassification(const ModelSpec& spec,
                                absl::Span<const float> output) {
  if (spec.network.head == Head::kSigmoid) {
    return {{1.0f - output[0], output[0]}};
  }
  return {{output.begin(), output.end()}};
}

}  // namespace recur
