// An engine of our own for stepping: weights packed in the order of use, and
// kernels that take a few rows from the multiplication to the new states
// without leaving the registers. Faster than oneDNN at every batch, most of all
// at small ones, and a row has the same bits in any batch for every cell.
#ifndef RECUR_MODEL_NETWORK_NATIVE_NATIVE_ENGINE_H_
#define RECUR_MODEL_NETWORK_NATIVE_NATIVE_ENGINE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "model/network/engine.h"
#include "model/network/native/step_kernel.h"
#include "model/spec/network_spec.h"
#include "model/spec/tensor.h"

namespace recur {

// In f32. INVALID_ARGUMENT if the weights are not those WeightShapes(spec)
// lists; UNIMPLEMENTED if the network is bidirectional or `cpu` lacks what the
// kernels need, saying what: oneDNN can then.
//
// A workspace may move from thread to thread. Denormal numbers are taken for
// zeros. The states of a step may lie anywhere.
absl::StatusOr<std::shared_ptr<const Engine>> CreateNativeEngine(
    const NetworkSpec& spec, const Weights& weights,
    const CpuFeatures& cpu = CpuFeatures::Here());

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_NATIVE_NATIVE_ENGINE_H_
