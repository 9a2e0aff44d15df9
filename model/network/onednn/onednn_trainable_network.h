// Backpropagation through time on oneDNN's backward primitives.
#ifndef RECUR_MODEL_NETWORK_ONEDNN_ONEDNN_TRAINABLE_NETWORK_H_
#define RECUR_MODEL_NETWORK_ONEDNN_ONEDNN_TRAINABLE_NETWORK_H_

#include <memory>

#include "absl/status/statusor.h"
#include "model/network/trainable_network.h"

namespace recur {

// INVALID_ARGUMENT if the weights are not those WeightShapes(spec) lists.
absl::StatusOr<std::unique_ptr<TrainableNetwork>> CreateOnednnTrainableNetwork(
    const NetworkSpec& spec, const Weights& weights);

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_ONEDNN_ONEDNN_TRAINABLE_NETWORK_H_
