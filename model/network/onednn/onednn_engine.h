// oneDNN's RNN primitives, one per batch size, weights packed once: for what
// the native engine leaves to others. Only model/network/onednn knows oneDNN.
#ifndef RECUR_MODEL_NETWORK_ONEDNN_ONEDNN_ENGINE_H_
#define RECUR_MODEL_NETWORK_ONEDNN_ONEDNN_ENGINE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "model/network/engine.h"
#include "model/spec/precision.h"
#include "model/spec/tensor.h"

namespace recur {

// INVALID_ARGUMENT if the weights are not those WeightShapes(spec) lists;
// UNIMPLEMENTED if this CPU or oneDNN cannot compute such cells in that
// precision, saying why: f32 always works. Primitives of a new engine are made
// once here, so that a workspace finds them in oneDNN's cache.
//
// bf16 needs AVX512-BF16; oneDNN 2.6 then has it for every cell. Elsewhere it
// would be emulated, slower than f32 and no better.
absl::StatusOr<std::shared_ptr<const Engine>> CreateOnednnEngine(
    const NetworkSpec& spec, const Weights& weights,
    Precision precision = Precision::kF32);

// Keeps oneDNN on the calling thread: OpenMP inside a small step can be a
// thousand times slower while another thread runs. Every thread that creates
// or uses a workspace or a trainable network calls it first.
void UseOneThreadPerCall();

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_ONEDNN_ONEDNN_ENGINE_H_
