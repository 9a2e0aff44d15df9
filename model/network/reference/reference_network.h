// A network forward in double: the oracle of training. What it computes from
// double weights is smooth to 1e-15, so central differences of it are
// gradients good to about ten digits.
//
//   auto network = ReferenceNetwork::Create(spec, weights);
//   double& w = (*network)->MutableWeight("layers.0.forward.bias")[2];
//   w += 1e-5;
//   auto above = (*network)->Forward(batch);
//   w -= 2e-5;
//   auto below = (*network)->Forward(batch);
#ifndef RECUR_MODEL_NETWORK_REFERENCE_REFERENCE_NETWORK_H_
#define RECUR_MODEL_NETWORK_REFERENCE_REFERENCE_NETWORK_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/network/reference/reference_core.h"
#include "model/network/trainable_network.h"
#include "model/spec/network_spec.h"
#include "model/spec/tensor.h"

namespace recur {

// Threads may share it while none changes a weight.
class ReferenceNetwork {
 public:
  // INVALID_ARGUMENT if the weights are not those WeightShapes(spec) lists.
  static absl::StatusOr<std::unique_ptr<ReferenceNetwork>> Create(
      const NetworkSpec& spec, const Weights& weights);

  const NetworkSpec& spec() const { return core_.spec(); }

  // One weight's values, row-major, to read or to change between calls of
  // Forward; empty if there is none of that name. Valid as long as the
  // network.
  absl::Span<double> MutableWeight(absl::string_view name) {
    return core_.MutableWeight(name);
  }

  // [points, OutputSize] before the last nonlinearity, with the meaning of
  // TrainableNetwork::Forward without dropout. INVALID_ARGUMENT if the batch
  // does not fit the network.
  absl::StatusOr<std::vector<double>> Forward(const SequenceBatch& batch) const;

 private:
  ReferenceNetwork(const NetworkSpec& spec, const Weights& weights)
      : core_(spec, weights) {}

  std::vector<double> RowInputs(const SequenceBatch& batch, int row) const;

  ReferenceCore core_;
};

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_REFERENCE_REFERENCE_NETWORK_H_
