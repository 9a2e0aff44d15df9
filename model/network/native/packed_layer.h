// One layer's weights in the order in which the kernels read them, and the
// kernels that do. Immutable once built, shared by threads.
#ifndef RECUR_MODEL_NETWORK_NATIVE_PACKED_LAYER_H_
#define RECUR_MODEL_NETWORK_NATIVE_PACKED_LAYER_H_

#include <cstdint>
#include <vector>

#include "model/network/native/aligned_floats.h"
#include "model/network/native/step_kernel.h"
#include "model/spec/network_spec.h"
#include "model/spec/tensor.h"

namespace recur {

// Gates that are computed together, for every unit. Weights and biases of a
// gate are multiplied by what its activation wants (avx512_math.h); rows and
// columns of padding are zeros.
struct PackedPass {
  const PassKernels* kernels = nullptr;
  int blocks = 1;            // of a tile; the last one may have fewer
  int64_t tile_weights = 0;  // floats from one tile to the next
  int64_t tile_biases = 0;
  AlignedFloats weights;  // [tiles, input + hidden, blocks, gates, 16]
  AlignedFloats biases;   // [tiles, blocks, gates (and m of gru), 16]
};

struct PackedLayer {
  Activation activation;
  int input_size;
  int hidden_size;
  std::vector<PackedPass> passes;  // run one after the other over all rows

  // `weights` has passed CheckWeights.
  PackedLayer(const NetworkSpec& spec, const Weights& weights, int layer,
              const StepKernels& kernels);

  int64_t bytes() const;
};

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_NATIVE_PACKED_LAYER_H_
