// The oracle: the formulas of model/spec/cell.h and network_spec.h as plain
// loops. Slow, dependency-free, and in float or double.
#ifndef RECUR_MODEL_NETWORK_REFERENCE_REFERENCE_ENGINE_H_
#define RECUR_MODEL_NETWORK_REFERENCE_REFERENCE_ENGINE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "model/network/engine.h"
#include "model/spec/precision.h"
#include "model/spec/tensor.h"

namespace recur {

// INVALID_ARGUMENT if the weights are not those WeightShapes(spec) lists;
// UNIMPLEMENTED for a precision other than f32. Sums are in double; states and
// outputs are float at every step. A row has the same bits in any batch.
// RunSequences allocates.
absl::StatusOr<std::shared_ptr<const Engine>> CreateReferenceEngine(
    const NetworkSpec& spec, const Weights& weights,
    Precision precision = Precision::kF32);

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_REFERENCE_REFERENCE_ENGINE_H_
