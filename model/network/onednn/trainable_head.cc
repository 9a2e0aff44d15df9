#include "model/network/onednn/trainable_head.h"

#include <utility>

#include "model/network/onednn/gemm.h"
#include "model/network/onednn/trainable_decoder.h"

namespace recur {
namespace {

// kSoftmax and kSigmoid: one matrix and a bias.
class ClassHead : public TrainableHead {
 public:
  explicit ClassHead(const NetworkSpec& spec)
      : summary_size_(SummarySize(spec)), classes_(spec.classes) {}

  void SetWeights(const Weights& weights) override {
    weight_ = weights.find("head.weight")->second.values;
    bias_ = weights.find("head.bias")->second.values;
  }

  void Forward(std::vector<float> summaries, absl::Span<const float>,
               const Dropout&, std::vector<float>* outputs) override {
    summaries_ = std::move(summaries);
    const int64_t points = summaries_.size() / summary_size_;
    outputs->resize(points * classes_);
    Multiply(summaries_.data(), weight_.data(), points, classes_, summary_size_,
             outputs->data());
    for (size_t i = 0; i < outputs->size(); ++i) {
      (*outputs)[i] += bias_[i % classes_];
    }
  }

  void Backward(absl::Span<const float> d_outputs,
                std::vector<float>* d_summaries, Weights* gradients) override {
    const int64_t points = summaries_.size() / summary_size_;
    d_summaries->resize(summaries_.size());
    MultiplyTransposedRight(d_outputs.data(), weight_.data(), points,
                            summary_size_, classes_, d_summaries->data());
    MultiplyTransposedLeft(summaries_.data(), d_outputs.data(), summary_size_,
                           classes_, points,
                           (*gradients)["head.weight"].values.data());
    std::vector<float>& d_bias = (*gradients)["head.bias"].values;
    d_bias.assign(classes_, 0.0f);
    for (size_t i = 0; i < d_outputs.size(); ++i) {
      d_bias[i % classes_] += d_outputs[i];
    }
  }

  std::vector<float> FutureGradient(absl::Span<const float>) const override {
    return {};
  }

 private:
  int summary_size_;
  int classes_;
  std::vector<float> weight_;  // [summary, classes]
  std::vector<float> bias_;
  std::vector<float> summaries_;
};

}  // namespace

std::unique_ptr<TrainableHead> CreateTrainableHead(const NetworkSpec& spec) {
  if (spec.head == Head::kForecast) return CreateTrainableDecoder(spec);
  return std::make_unique<ClassHead>(spec);
}

}  // namespace recur
