#include "model/network/onednn/head_kernel.h"

#include <algorithm>
#include <cmath>

namespace recur {
namespace {

std::vector<float> ValuesIfAny(const Weights& weights, const char* name) {
  const auto found = weights.find(name);
  return found == weights.end() ? std::vector<float>() : found->second.values;
}

// out [columns] += in [rows] times matrix [rows, columns]. Four rows at a time
// save loads and stores of `out`.
void AddProduct(const float* __restrict in, const float* __restrict matrix,
                int rows, int columns, float* __restrict out) {
  int row = 0;
  for (; row + 4 <= rows; row += 4) {
    const float* m0 = matrix + int64_t{row} * columns;
    const float* m1 = m0 + columns;
    const float* m2 = m1 + columns;
    const float* m3 = m2 + columns;
    const float a = in[row], b = in[row + 1], c = in[row + 2];
    const float d = in[row + 3];
    for (int j = 0; j < columns; ++j) {
      out[j] += (a * m0[j] + b * m1[j]) + (c * m2[j] + d * m3[j]);
    }
  }
  for (; row < rows; ++row) {
    const float* m = matrix + int64_t{row} * columns;
    for (int j = 0; j < columns; ++j) out[j] += in[row] * m[j];
  }
}

void Softmax(float* values, int count) {
  const float largest = *std::max_element(values, values + count);
  float sum = 0.0f;
  for (int i = 0; i < count; ++i) {
    values[i] = std::exp(values[i] - largest);
    sum += values[i];
  }
  for (int i = 0; i < count; ++i) values[i] /= sum;
}

float Sigmoid(float x) { return 1.0f / (1.0f + std::exp(-x)); }

}  // namespace

HeadKernel::HeadKernel(const NetworkSpec& spec, const Weights& weights)
    : spec_(spec), summary_size_(SummarySize(spec)) {
  if (spec.head != Head::kForecast) {
    weight_hidden_ = ValuesIfAny(weights, "head.weight");
    step_bias_ = ValuesIfAny(weights, "head.bias");
    return;
  }
  weight_hidden_ = ValuesIfAny(weights, "decoder.weight_hidden");
  step_bias_ = ValuesIfAny(weights, "decoder.step_bias");
  weight_future_ = ValuesIfAny(weights, "decoder.weight_future");
  weight_output_ = ValuesIfAny(weights, "decoder.weight_output");
  bias_output_ = ValuesIfAny(weights, "decoder.bias_output");
  weight_skip_ = ValuesIfAny(weights, "decoder.weight_skip");
}

int HeadKernel::ScratchSize() const {
  return 2 * spec_.decoder_size + spec_.targets;
}

int64_t HeadKernel::bytes() const {
  const size_t floats = weight_hidden_.size() + step_bias_.size() +
                        weight_future_.size() + weight_output_.size() +
                        bias_output_.size() + weight_skip_.size();
  return static_cast<int64_t>(floats * sizeof(float));
}

void HeadKernel::Run(const float* summary, const float* future, float* scratch,
                     float* output) const {
  if (spec_.head == Head::kForecast) {
    RunDecoder(summary, future, scratch, output);
  } else {
    RunClasses(summary, output);
  }
}

void HeadKernel::RunClasses(const float* summary, float* output) const {
  std::copy(step_bias_.begin(), step_bias_.end(), output);
  AddProduct(summary, weight_hidden_.data(), summary_size_, spec_.classes,
             output);
  if (spec_.head == Head::kSoftmax) {
    Softmax(output, spec_.classes);
  } else {
    for (int i = 0; i < spec_.classes; ++i) output[i] = Sigmoid(output[i]);
  }
}

void HeadKernel::RunDecoder(const float* summary, const float* future,
                            float* scratch, float* output) const {
  float* shared = scratch;
  std::fill_n(shared, spec_.decoder_size, 0.0f);
  AddProduct(summary, weight_hidden_.data(), summary_size_, spec_.decoder_size,
             shared);
  const int width = spec_.targets * spec_.levels;
  for (int step = 0; step < spec_.horizon; ++step) {
    RunDecoderStep(step, future + step * spec_.future_size, shared,
                   scratch + spec_.decoder_size, output + step * width);
  }
}

void HeadKernel::RunDecoderStep(int step, const float* future,
                                const float* shared, float* hidden,
                                float* output) const {
  const int decoder = spec_.decoder_size;
  const float* bias = step_bias_.data() + int64_t{step} * decoder;
  for (int j = 0; j < decoder; ++j) hidden[j] = shared[j] + bias[j];
  AddProduct(future, weight_future_.data(), spec_.future_size, decoder, hidden);
  for (int j = 0; j < decoder; ++j) hidden[j] = std::max(hidden[j], 0.0f);

  float* skip = hidden + decoder;
  std::fill_n(skip, spec_.targets, 0.0f);
  AddProduct(future, weight_skip_.data(), spec_.future_size, spec_.targets,
             skip);
  for (int i = 0; i < spec_.targets * spec_.levels; ++i) {
    output[i] = bias_output_[i] + skip[i / spec_.levels];
  }
  AddProduct(hidden, weight_output_.data(), decoder,
             spec_.targets * spec_.levels, output);
}

}  // namespace recur
