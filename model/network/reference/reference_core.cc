#include "model/network/reference/reference_core.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"

namespace recur {

ReferenceCore::ReferenceCore(const NetworkSpec& spec, const Weights& weights)
    : spec_(spec) {
  for (const auto& [name, tensor] : weights) {
    weights_.emplace(
        name, std::vector<double>(tensor.values.begin(), tensor.values.end()));
  }
  for (int layer = 0; layer < spec.layers; ++layer) {
    for (int direction = 0; direction < DirectionCount(spec); ++direction) {
      const std::string prefix = LayerPrefix(layer, direction);
      cells_.push_back({LayerInputSize(spec, layer), spec.hidden_size,
                        Weight(absl::StrCat(prefix, "weight_input")),
                        Weight(absl::StrCat(prefix, "weight_hidden")),
                        Weight(absl::StrCat(prefix, "bias"))});
    }
  }
  embedding_ = Weight("embedding.weight");
  head_weight_ = Weight("head.weight");
  head_bias_ = Weight("head.bias");
  decoder_hidden_ = Weight("decoder.weight_hidden");
  decoder_future_ = Weight("decoder.weight_future");
  decoder_step_bias_ = Weight("decoder.step_bias");
  decoder_output_ = Weight("decoder.weight_output");
  decoder_bias_ = Weight("decoder.bias_output");
  decoder_skip_ = Weight("decoder.weight_skip");
}

const double* ReferenceCore::Weight(absl::string_view name) const {
  const auto found = weights_.find(name);
  return found == weights_.end() ? nullptr : found->second.data();
}

absl::Span<double> ReferenceCore::MutableWeight(absl::string_view name) {
  const auto found = weights_.find(name);
  if (found == weights_.end()) return {};
  return absl::MakeSpan(found->second);
}

int64_t ReferenceCore::bytes() const {
  int64_t count = 0;
  for (const auto& [name, values] : weights_) count += values.size();
  return count * static_cast<int64_t>(sizeof(double));
}

template <typename Number>
void ReferenceCore::Embed(int32_t token, Number* input) const {
  const double* row = embedding_ + int64_t{token} * spec_.embedding_size;
  for (int j = 0; j < spec_.embedding_size; ++j) {
    input[j] = static_cast<Number>(row[j]);
  }
}

template <typename Number>
void ReferenceCore::RunDirection(int layer, int direction, int steps,
                                 const std::vector<Number>& inputs,
                                 std::vector<Number>* outputs) const {
  const int64_t hidden = spec_.hidden_size;
  const int64_t input_width = LayerInputSize(spec_, layer);
  const int64_t output_width = SummarySize(spec_);
  std::vector<Number> state(StateVectorCount(spec_.cell) * hidden);
  CellScratch scratch;
  for (int i = 0; i < steps; ++i) {
    const int step = direction == 0 ? i : steps - 1 - i;
    StepLayer(layer, direction, inputs.data() + step * input_width,
              state.data(), &scratch);
    std::copy_n(state.begin(), hidden,
                outputs->begin() + step * output_width + direction * hidden);
  }
}

template <typename Number>
std::vector<Number> ReferenceCore::RunLayers(int steps,
                                             std::vector<Number> inputs) const {
  for (int layer = 0; layer < spec_.layers; ++layer) {
    std::vector<Number> outputs(int64_t{steps} * SummarySize(spec_));
    for (int direction = 0; direction < DirectionCount(spec_); ++direction) {
      RunDirection(layer, direction, steps, inputs, &outputs);
    }
    inputs = std::move(outputs);
  }
  return inputs;
}

template <typename Number>
std::vector<Number> ReferenceCore::Pooled(const std::vector<Number>& outputs,
                                          int steps) const {
  const int64_t width = SummarySize(spec_);
  std::vector<Number> pooled(width);
  for (int64_t i = 0; i < width; ++i) {
    double sum = 0.0;
    double largest = outputs[i];
    for (int64_t step = 0; step < steps; ++step) {
      const double h = outputs[step * width + i];
      sum += h;
      largest = std::max(largest, h);
    }
    pooled[i] = static_cast<Number>(
        spec_.pooling == Pooling::kMean ? sum / steps : largest);
  }
  return pooled;
}

template <typename Number>
std::vector<Number> ReferenceCore::Summary(const std::vector<Number>& outputs,
                                           int step) const {
  const int64_t width = SummarySize(spec_);
  if (spec_.pooling != Pooling::kLast) {
    const auto steps = static_cast<int>(outputs.size() / width);
    return Pooled(outputs, spec_.bidirectional ? steps : step + 1);
  }
  if (!spec_.bidirectional) {
    const auto begin = outputs.begin() + step * width;
    return std::vector<Number>(begin, begin + width);
  }
  const int64_t hidden = spec_.hidden_size;
  std::vector<Number> summary(outputs.end() - width, outputs.end() - hidden);
  summary.insert(summary.end(), outputs.begin() + hidden,
                 outputs.begin() + width);
  return summary;
}

template <typename Number>
void ReferenceCore::DecodeStep(const Number* summary, const float* future,
                               int step, double* outputs,
                               std::vector<double>* decoded) const {
  const int width = spec_.decoder_size;
  const int levels = spec_.levels;
  const int output_width = spec_.targets * levels;
  const double* bias = decoder_step_bias_ + int64_t{step} * width;
  decoded->assign(bias, bias + width);
  AddProduct(summary, SummarySize(spec_), decoder_hidden_, width, width,
             decoded->data());
  AddProduct(future, spec_.future_size, decoder_future_, width, width,
             decoded->data());
  for (double& value : *decoded) value = value < 0 ? 0.0 : value;
  std::copy_n(decoder_bias_, output_width, outputs);
  AddProduct(decoded->data(), width, decoder_output_, output_width,
             output_width, outputs);
  if (spec_.future_size == 0) return;
  for (int target = 0; target < spec_.targets; ++target) {
    double skip = 0.0;
    AddProduct(future, spec_.future_size, decoder_skip_ + target, spec_.targets,
               1, &skip);
    for (int level = 0; level < levels; ++level) {
      outputs[target * levels + level] += skip;
    }
  }
}

template <typename Number>
void ReferenceCore::RunHead(const Number* summary, const float* future,
                            double* outputs,
                            std::vector<double>* decoded) const {
  if (spec_.head != Head::kForecast) {
    std::copy_n(head_bias_, spec_.classes, outputs);
    AddProduct(summary, SummarySize(spec_), head_weight_, spec_.classes,
               spec_.classes, outputs);
    return;
  }
  const int64_t width = int64_t{spec_.targets} * spec_.levels;
  for (int step = 0; step < spec_.horizon; ++step) {
    // Without future features nothing of `future` is read; it may be null.
    const float* step_future = spec_.future_size > 0
                                   ? future + int64_t{step} * spec_.future_size
                                   : nullptr;
    DecodeStep(summary, step_future, step, outputs + step * width, decoded);
  }
}

void ApplyHeadNonlinearity(Head head, absl::Span<double> outputs) {
  if (head == Head::kSigmoid) {
    for (double& value : outputs) value = Sigmoid(value);
  }
  if (head != Head::kSoftmax) return;
  const double largest = *std::max_element(outputs.begin(), outputs.end());
  double sum = 0.0;
  for (double& value : outputs) sum += value = std::exp(value - largest);
  for (double& value : outputs) value /= sum;
}

template void ReferenceCore::Embed(int32_t, float*) const;
template void ReferenceCore::Embed(int32_t, double*) const;
template std::vector<float> ReferenceCore::RunLayers(int,
                                                     std::vector<float>) const;
template std::vector<double> ReferenceCore::RunLayers(
    int, std::vector<double>) const;
template std::vector<float> ReferenceCore::Summary(const std::vector<float>&,
                                                   int) const;
template std::vector<double> ReferenceCore::Summary(const std::vector<double>&,
                                                    int) const;
template void ReferenceCore::RunHead(const float*, const float*, double*,
                                     std::vector<double>*) const;
template void ReferenceCore::RunHead(const double*, const float*, double*,
                                     std::vector<double>*) const;

}  // namespace recur
