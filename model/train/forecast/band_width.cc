#include "model/train/forecast/band_width.h"

#include <algorithm>
#include <cmath>

#include "model/spec/median_mix.h"
#include "model/train/forecast/forecast_floors.h"
#include "model/train/report/forecast_metrics.h"

namespace recur {
namespace {

constexpr double kNarrowest = 0.6;
constexpr double kWidest = 3.0;

// How much wider the band had to be to reach the truth: 1 on its edge.
double Reach(double truth, double low, double median, double high) {
  const double side = truth >= median ? high - median : median - low;
  return std::abs(truth - median) / std::max(side, 1e-12);
}

void ScaleTensor(const std::vector<double>& factors, const MedianMix& mix,
                 size_t levels, Tensor* tensor) {
  const size_t groups = tensor->values.size() / levels;
  for (size_t group = 0; group < groups; ++group) {
    float* own = tensor->values.data() + group * levels;
    const double factor = factors[group % factors.size()];
    const double median =
        own[mix.below] * (1.0 - mix.part) + own[mix.above] * mix.part;
    for (size_t q = 0; q < levels; ++q) {
      own[q] = static_cast<float>(median + factor * (own[q] - median));
    }
  }
}

}  // namespace

std::vector<double> FitBandWidths(const std::vector<double>& levels,
                                  int targets, absl::Span<const float> truths,
                                  absl::Span<const float> forecasts) {
  std::vector<double> factors(targets, 1.0);
  const Interval interval = IntervalNear(levels, 0.8);
  if (!interval.Any()) return factors;
  const MedianMix mix = MixOfMedian(levels);
  for (int target = 0; target < targets; ++target) {
    std::vector<double> reaches;
    for (size_t at = target; at < truths.size(); at += targets) {
      if (std::isnan(truths[at])) continue;
      std::vector<float> own(forecasts.begin() + at * levels.size(),
                             forecasts.begin() + (at + 1) * levels.size());
      std::sort(own.begin(), own.end());
      const double median =
          own[mix.below] * (1.0 - mix.part) + own[mix.above] * mix.part;
      reaches.push_back(
          Reach(truths[at], own[interval.low], median, own[interval.high]));
    }
    if (reaches.empty()) continue;
    std::sort(reaches.begin(), reaches.end());
    factors[target] = std::clamp(EmpiricalQuantile(reaches, interval.nominal),
                                 kNarrowest, kWidest);
  }
  return factors;
}

void ScaleBand(const std::vector<double>& factors, Model* model) {
  const std::vector<double>& levels = model->spec.quantiles;
  const MedianMix mix = MixOfMedian(levels);
  for (const char* name : {"decoder.weight_output", "decoder.bias_output"}) {
    ScaleTensor(factors, mix, levels.size(),
                &model->weights.find(name)->second);
  }
}

}  // namespace recur
