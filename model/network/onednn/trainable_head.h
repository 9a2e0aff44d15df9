// The heads of model/spec/network_spec.h with gradients, over the points of a
// minibatch. Functions may throw dnnl::error.
#ifndef RECUR_MODEL_NETWORK_ONEDNN_TRAINABLE_HEAD_H_
#define RECUR_MODEL_NETWORK_ONEDNN_TRAINABLE_HEAD_H_

#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "model/network/trainable_network.h"
#include "model/spec/network_spec.h"
#include "model/spec/tensor.h"

namespace recur {

class TrainableHead {
 public:
  virtual ~TrainableHead() = default;

  virtual void SetWeights(const Weights& weights) = 0;

  // From summaries [points, SummarySize] and future [points, horizon,
  // future_size], both kept, to outputs [points, OutputSize] before the last
  // nonlinearity. `dropout` acts inside the head, not on the summaries.
  virtual void Forward(std::vector<float> summaries,
                       absl::Span<const float> future, const Dropout& dropout,
                       std::vector<float>* outputs) = 0;

  // Of the last Forward. Overwrites d_summaries and the head's own tensors in
  // *gradients, which have their sizes.
  virtual void Backward(absl::Span<const float> d_outputs,
                        std::vector<float>* d_summaries,
                        Weights* gradients) = 0;

  // The loss by the future of the last Forward; empty for heads without.
  virtual std::vector<float> FutureGradient(
      absl::Span<const float> d_outputs) const = 0;
};

// For all kinds of head. `spec` is valid.
std::unique_ptr<TrainableHead> CreateTrainableHead(const NetworkSpec& spec);

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_ONEDNN_TRAINABLE_HEAD_H_
