#include "model/train/learning/initial_weights.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/match.h"
#include "model/train/learning/random.h"

namespace recur {
namespace {

constexpr float kEmbeddingRange = 0.5f;
constexpr float kOutputPart = 0.3f;

// What one unit of the tensor reads: its rows, or the hidden size for the step
// bias, which stands in for a part of the decoder's input.
float Range(const NetworkSpec& spec, const TensorShape& shape) {
  if (shape.name == "embedding.weight") return kEmbeddingRange;
  if (shape.name == "decoder.weight_skip") return 0.0f;
  if (shape.name == "decoder.step_bias") {
    return 1.0f / std::sqrt(static_cast<float>(spec.hidden_size));
  }
  if (absl::StrContains(shape.name, "bias")) return 0.0f;
  const bool recurrent = absl::StartsWith(shape.name, "layers.");
  const auto width =
      recurrent ? spec.hidden_size : std::max<int64_t>(1, shape.dims[0]);
  const float range = 1.0f / std::sqrt(static_cast<float>(width));
  return shape.name == "decoder.weight_output" ? kOutputPart * range : range;
}

void OpenForgetGates(const NetworkSpec& spec, Tensor* bias) {
  const int hidden = spec.hidden_size;
  std::fill_n(bias->values.begin() + hidden, hidden, 1.0f);
}

// The sigmoid's slope is 1/4 at its steepest, so that a unit passes its own
// state on undiminished with a weight of 4.
void KeepStates(const NetworkSpec& spec, Tensor* weight_hidden) {
  for (int i = 0; i < spec.hidden_size; ++i) {
    weight_hidden->values[i * spec.hidden_size + i] += 4.0f;
  }
}

bool IsSigmoidCell(const Cell& cell) {
  return cell.kind == CellKind::kRnn && cell.activation == Activation::kSigmoid;
}

void SpreadQuantiles(const std::vector<double>& levels, Tensor* bias) {
  for (size_t i = 0; i < bias->values.size() && !levels.empty(); ++i) {
    bias->values[i] =
        static_cast<float>(NormalQuantile(levels[i % levels.size()]));
  }
}

}  // namespace

Weights InitialWeights(const NetworkSpec& spec,
                       const std::vector<double>& levels, uint64_t seed) {
  Random random(seed);
  Weights weights;
  for (const TensorShape& shape : WeightShapes(spec)) {
    Tensor tensor{shape.dims, std::vector<float>(ElementCount(shape.dims))};
    const float range = Range(spec, shape);
    for (float& value : tensor.values) {
      if (range > 0.0f) value = random.Uniform(-range, range);
    }
    if (spec.cell.kind == CellKind::kLstm &&
        absl::StartsWith(shape.name, "layers.") &&
        absl::EndsWith(shape.name, ".bias")) {
      OpenForgetGates(spec, &tensor);
    }
    if (IsSigmoidCell(spec.cell) &&
        absl::EndsWith(shape.name, ".weight_hidden")) {
      KeepStates(spec, &tensor);
    }
    if (shape.name == "decoder.bias_output") SpreadQuantiles(levels, &tensor);
    weights.emplace(shape.name, std::move(tensor));
  }
  return weights;
}

double NormalQuantile(double level) {
  // Bisection of the distribution function: exact enough and in no hurry.
  double low = -40.0;
  double high = 40.0;
  for (int i = 0; i < 100; ++i) {
    const double middle = 0.5 * (low + high);
    const double below = 0.5 * std::erfc(-middle / std::sqrt(2.0));
    (below < level ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace recur
