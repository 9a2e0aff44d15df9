#include "model/train/explain/explained_answer.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "model/spec/median_mix.h"

namespace recur {
namespace {

// Target steps [begin, end) that the answer is the mean of.
std::pair<int, int> StepsAhead(const Servable& model,
                               const Question& question) {
  if (question.ahead > 0) return {question.ahead - 1, question.ahead};
  return {0, model.spec.network.horizon};
}

// How much each quantile level counts for the median.
std::vector<double> MedianWeights(const std::vector<double>& levels) {
  if (levels.empty()) return {1.0};
  std::vector<double> weights(levels.size(), 0.0);
  const MedianMix mix = MixOfMedian(levels);
  weights[mix.below] += 1.0 - mix.part;
  weights[mix.above] += mix.part;
  return weights;
}

}  // namespace

double ForecastNumber(const Servable& model, const Question& question,
                      const FeatureState& state,
                      absl::Span<const float> outputs) {
  const Forecast forecast =
      model.features.ToForecast(model.spec, state, outputs);
  const auto [begin, end] = StepsAhead(model, question);
  double sum = 0.0;
  for (int k = begin; k < end; ++k) {
    sum += forecast.point[k * model.spec.network.targets + question.target];
  }
  return sum / (end - begin);
}

Margin MarginOf(absl::Span<const float> logits, int label) {
  if (logits.size() == 1) {
    if (label < 0) label = logits[0] > 0.0f ? 1 : 0;
    return {label, -1, label == 1 ? logits[0] : -logits[0]};
  }
  if (label < 0) {
    label = static_cast<int>(std::max_element(logits.begin(), logits.end()) -
                             logits.begin());
  }
  int against = label == 0 ? 1 : 0;
  for (int other = 0; other < static_cast<int>(logits.size()); ++other) {
    if (other != label && logits[other] > logits[against]) against = other;
  }
  return {label, against, double{logits[label]} - logits[against]};
}

std::vector<float> MarginGradient(const Margin& margin, size_t logits) {
  std::vector<float> gradient(logits, 0.0f);
  if (logits == 1) {
    gradient[0] = margin.label == 1 ? 1.0f : -1.0f;
  } else {
    gradient[margin.label] = 1.0f;
    gradient[margin.against] = -1.0f;
  }
  return gradient;
}

std::vector<float> ForecastGradient(const Servable& model,
                                    const Question& question,
                                    const FeatureState& state,
                                    absl::Span<const float> outputs) {
  const NetworkSpec& network = model.spec.network;
  std::vector<float> gradient(outputs.size(), 0.0f);
  const double unit = model.features.ToRaw(state, question.target, 1.0f) -
                      model.features.ToRaw(state, question.target, 0.0f);
  const std::vector<double> weights = MedianWeights(model.spec.quantiles);
  std::vector<size_t> order(weights.size());
  const auto [begin, end] = StepsAhead(model, question);
  for (int k = begin; k < end; ++k) {
    const size_t first =
        (static_cast<size_t>(k) * network.targets + question.target) *
        network.levels;
    std::iota(order.begin(), order.end(), first);
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      return outputs[a] < outputs[b];
    });
    for (size_t q = 0; q < weights.size(); ++q) {
      gradient[order[q]] =
          static_cast<float>(unit * weights[q] / (end - begin));
    }
  }
  return gradient;
}

}  // namespace recur
