#include "model/network/head_kernel.h"

#include <algorithm>
#include <cmath>

#include "model/network/decoder_tile.h"
#include "model/network/pooling.h"

namespace recur {
namespace {

std::vector<float> ValuesIfAny(const Weights& weights, const char* name) {
  const auto found = weights.find(name);
  return found == weights.end() ? std::vector<float>() : found->second.values;
}

// [rows, columns] -> [columns, stride], with zeros behind the rows.
std::vector<float> Transposed(const std::vector<float>& values, int columns,
                              int stride) {
  std::vector<float> transposed(size_t{1} * columns * stride);
  for (size_t i = 0; i < values.size(); ++i) {
    transposed[i % columns * stride + i / columns] = values[i];
  }
  return transposed;
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
    : spec_(spec),
      summary_size_(SummarySize(spec)),
      steps_((spec.horizon + kTileVector - 1) / kTileVector * kTileVector) {
  if (spec.head != Head::kForecast) {
    weight_hidden_ = ValuesIfAny(weights, "head.weight");
    step_bias_ = ValuesIfAny(weights, "head.bias");
    return;
  }
  const int decoder = spec.decoder_size;
  const auto transposed = [&](const char* name, int columns, int stride) {
    return Transposed(ValuesIfAny(weights, name), columns, stride);
  };
  weight_hidden_ = ValuesIfAny(weights, "decoder.weight_hidden");
  step_bias_ = transposed("decoder.step_bias", decoder, steps_);
  weight_future_ =
      transposed("decoder.weight_future", decoder, spec.future_size);
  weight_output_ =
      transposed("decoder.weight_output", spec.targets * spec.levels, decoder);
  bias_output_ = ValuesIfAny(weights, "decoder.bias_output");
  weight_skip_ =
      transposed("decoder.weight_skip", spec.targets, spec.future_size);
}

int HeadKernel::ScratchSize() const {
  return spec_.decoder_size +
         (spec_.future_size + spec_.decoder_size) * std::min(steps_, kMaxTile);
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

absl::Status HeadKernel::RunRows(absl::Span<const HeadRow> rows,
                                 float* scratch) const {
  if (spec_.bidirectional) {
    return absl::InternalError("a bidirectional network has no state");
  }
  const StatePool pool(spec_);
  for (const HeadRow& row : rows) {
    Run(pool.Summary(row.state), row.future, scratch, row.output);
  }
  return absl::OkStatus();
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
  const DecoderWeights weights = {spec_.decoder_size,
                                  spec_.future_size,
                                  spec_.targets,
                                  spec_.levels,
                                  steps_,
                                  step_bias_.data(),
                                  weight_future_.data(),
                                  weight_output_.data(),
                                  bias_output_.data(),
                                  weight_skip_.data()};
  float* shared = scratch;
  std::fill_n(shared, spec_.decoder_size, 0.0f);
  AddProduct(summary, weight_hidden_.data(), summary_size_, spec_.decoder_size,
             shared);
  const int width = spec_.targets * spec_.levels;
  for (int first = 0; first < steps_; first += kMaxTile) {
    const int count = std::min(kMaxTile, steps_ - first);
    RunDecoderTile(weights, first, count,
                   std::min(count, spec_.horizon - first), shared,
                   future + first * spec_.future_size,
                   scratch + spec_.decoder_size, output + first * width);
  }
}

}  // namespace recur
