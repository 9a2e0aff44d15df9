// Which engine serves a network on this machine: the one place that decides.
#ifndef RECUR_MODEL_NETWORK_SERVING_SERVING_ENGINE_H_
#define RECUR_MODEL_NETWORK_SERVING_SERVING_ENGINE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "model/network/engine.h"
#include "model/spec/network_spec.h"
#include "model/spec/precision.h"
#include "model/spec/tensor.h"

namespace recur {

// The native engine if it can compute the network on this CPU in `precision`,
// else oneDNN's. Errors are those of CreateNativeEngine and, where that is
// UNIMPLEMENTED, of CreateOnednnEngine.
absl::StatusOr<std::shared_ptr<const Engine>> CreateServingEngine(
    const NetworkSpec& spec, const Weights& weights,
    Precision precision = Precision::kF32);

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_SERVING_SERVING_ENGINE_H_
