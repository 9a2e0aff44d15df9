#include "model/network/onednn/trainable_decoder.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "model/network/onednn/dropout_mask.h"
#include "model/network/onednn/gemm.h"

namespace recur {
namespace {

// Tells the decoder's masks from those of the layers.
constexpr uint64_t kDecoderStream = 1u << 20;

// "Rows" are pairs of a point and a step of the horizon.
class TrainableDecoder : public TrainableHead {
 public:
  explicit TrainableDecoder(const NetworkSpec& spec)
      : spec_(spec), summary_size_(SummarySize(spec)) {}

  void SetWeights(const Weights& weights) override;
  void Forward(std::vector<float> summaries, absl::Span<const float> future,
               const Dropout& dropout, std::vector<float>* outputs) override;
  void Backward(absl::Span<const float> d_outputs,
                std::vector<float>* d_summaries, Weights* gradients) override;
  std::vector<float> FutureGradient(
      absl::Span<const float> d_outputs) const override;

 private:
  int64_t Width() const { return int64_t{spec_.targets} * spec_.levels; }
  int64_t Points() const { return summaries_.size() / summary_size_; }
  int64_t Rows() const { return Points() * spec_.horizon; }

  void RunHiddenLayer(const Dropout& dropout);
  void AddSkip(std::vector<float>* outputs) const;
  std::vector<float> SumOfLevels(absl::Span<const float> d_outputs) const;
  std::vector<float> HiddenLayerGradient(
      absl::Span<const float> d_outputs) const;

  NetworkSpec spec_;
  int64_t summary_size_;
  std::vector<float> weight_hidden_;  // [summary, decoder]
  std::vector<float> weight_future_;  // [future, decoder]
  std::vector<float> step_bias_;      // [horizon, decoder]
  std::vector<float> weight_output_;  // [decoder, targets, levels]
  std::vector<float> bias_output_;    // [targets, levels]
  std::vector<float> weight_skip_;    // [future, targets]

  std::vector<float> summaries_;  // [points, summary]
  std::vector<float> future_;     // [rows, future]
  std::vector<float> hidden_;     // [rows, decoder], after relu and mask
  DropoutMask mask_;
};

void TrainableDecoder::SetWeights(const Weights& weights) {
  const auto copy = [&](const char* name, std::vector<float>* out) {
    const auto found = weights.find(name);
    if (found != weights.end()) *out = found->second.values;
  };
  copy("decoder.weight_hidden", &weight_hidden_);
  copy("decoder.weight_future", &weight_future_);
  copy("decoder.step_bias", &step_bias_);
  copy("decoder.weight_output", &weight_output_);
  copy("decoder.bias_output", &bias_output_);
  copy("decoder.weight_skip", &weight_skip_);
}

void TrainableDecoder::RunHiddenLayer(const Dropout& dropout) {
  const int64_t width = spec_.decoder_size;
  std::vector<float> shared(Points() * width);
  Multiply(summaries_.data(), weight_hidden_.data(), Points(), width,
           summary_size_, shared.data());
  hidden_.resize(Rows() * width);
  for (int64_t row = 0; row < Rows(); ++row) {
    const float* from = shared.data() + row / spec_.horizon * width;
    const float* bias = step_bias_.data() + row % spec_.horizon * width;
    float* to = hidden_.data() + row * width;
    for (int64_t j = 0; j < width; ++j) to[j] = from[j] + bias[j];
  }
  Multiply(future_.data(), weight_future_.data(), Rows(), width,
           spec_.future_size, hidden_.data(), /*add=*/true);
  for (float& value : hidden_) value = std::max(value, 0.0f);
  mask_ = DropoutMask(dropout, kDecoderStream, hidden_.size());
  mask_.Apply(absl::MakeSpan(hidden_));
}

void TrainableDecoder::AddSkip(std::vector<float>* outputs) const {
  if (spec_.future_size == 0) return;
  std::vector<float> skip(Rows() * spec_.targets);
  Multiply(future_.data(), weight_skip_.data(), Rows(), spec_.targets,
           spec_.future_size, skip.data());
  for (size_t i = 0; i < outputs->size(); ++i) {
    (*outputs)[i] += skip[i / spec_.levels];
  }
}

void TrainableDecoder::Forward(std::vector<float> summaries,
                               absl::Span<const float> future,
                               const Dropout& dropout,
                               std::vector<float>* outputs) {
  summaries_ = std::move(summaries);
  future_.assign(future.begin(), future.end());
  RunHiddenLayer(dropout);
  outputs->resize(Rows() * Width());
  Multiply(hidden_.data(), weight_output_.data(), Rows(), Width(),
           spec_.decoder_size, outputs->data());
  for (size_t i = 0; i < outputs->size(); ++i) {
    (*outputs)[i] += bias_output_[i % Width()];
  }
  AddSkip(outputs);
}

// The loss by what AddSkip adds, [rows, targets].
std::vector<float> TrainableDecoder::SumOfLevels(
    absl::Span<const float> d_outputs) const {
  std::vector<float> sums(Rows() * spec_.targets, 0.0f);
  for (size_t i = 0; i < d_outputs.size(); ++i) {
    sums[i / spec_.levels] += d_outputs[i];
  }
  return sums;
}

// The loss by what enters the relu, [rows, decoder].
std::vector<float> TrainableDecoder::HiddenLayerGradient(
    absl::Span<const float> d_outputs) const {
  std::vector<float> d_hidden(hidden_.size());
  MultiplyTransposedRight(d_outputs.data(), weight_output_.data(), Rows(),
                          spec_.decoder_size, Width(), d_hidden.data());
  mask_.Apply(absl::MakeSpan(d_hidden));
  for (size_t i = 0; i < d_hidden.size(); ++i) {
    if (hidden_[i] <= 0.0f) d_hidden[i] = 0.0f;
  }
  return d_hidden;
}

// The sum over blocks of `width`, each taken `repeat` times in a row, `groups`
// in turn: out[(i / repeat) % groups] += rows[i].
void SumRows(const std::vector<float>& rows, int64_t width, int64_t repeat,
             int64_t groups, std::vector<float>* out) {
  out->assign(groups * width, 0.0f);
  const int64_t count = rows.size() / width;
  for (int64_t i = 0; i < count; ++i) {
    const float* from = rows.data() + i * width;
    float* to = out->data() + i / repeat % groups * width;
    for (int64_t j = 0; j < width; ++j) to[j] += from[j];
  }
}

void TrainableDecoder::Backward(absl::Span<const float> d_outputs,
                                std::vector<float>* d_summaries,
                                Weights* gradients) {
  const int64_t width = spec_.decoder_size;
  const auto gradient = [&](const char* name) -> std::vector<float>& {
    return (*gradients)[name].values;
  };
  MultiplyTransposedLeft(hidden_.data(), d_outputs.data(), width, Width(),
                         Rows(), gradient("decoder.weight_output").data());
  SumRows({d_outputs.begin(), d_outputs.end()}, Width(), 1, 1,
          &gradient("decoder.bias_output"));
  const std::vector<float> d_hidden = HiddenLayerGradient(d_outputs);
  SumRows(d_hidden, width, 1, spec_.horizon, &gradient("decoder.step_bias"));
  if (spec_.future_size > 0) {
    MultiplyTransposedLeft(future_.data(), d_hidden.data(), spec_.future_size,
                           width, Rows(),
                           gradient("decoder.weight_future").data());
    MultiplyTransposedLeft(future_.data(), SumOfLevels(d_outputs).data(),
                           spec_.future_size, spec_.targets, Rows(),
                           gradient("decoder.weight_skip").data());
  }
  std::vector<float> d_shared;  // [points, decoder]
  SumRows(d_hidden, width, spec_.horizon, Points(), &d_shared);
  MultiplyTransposedLeft(summaries_.data(), d_shared.data(), summary_size_,
                         width, Points(),
                         gradient("decoder.weight_hidden").data());
  d_summaries->resize(summaries_.size());
  MultiplyTransposedRight(d_shared.data(), weight_hidden_.data(), Points(),
                          summary_size_, width, d_summaries->data());
}

std::vector<float> TrainableDecoder::FutureGradient(
    absl::Span<const float> d_outputs) const {
  std::vector<float> d_future(future_.size());
  if (future_.empty()) return d_future;
  MultiplyTransposedRight(HiddenLayerGradient(d_outputs).data(),
                          weight_future_.data(), Rows(), spec_.future_size,
                          spec_.decoder_size, d_future.data());
  std::vector<float> by_skip(future_.size());
  MultiplyTransposedRight(SumOfLevels(d_outputs).data(), weight_skip_.data(),
                          Rows(), spec_.future_size, spec_.targets,
                          by_skip.data());
  for (size_t i = 0; i < d_future.size(); ++i) d_future[i] += by_skip[i];
  return d_future;
}

}  // namespace

std::unique_ptr<TrainableHead> CreateTrainableDecoder(const NetworkSpec& spec) {
  return std::make_unique<TrainableDecoder>(spec);
}

}  // namespace recur
