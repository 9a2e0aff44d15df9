// The recurrent layers' weights as oneDNN holds them, for serving and for
// training alike, in whatever precision a primitive's layout asks for.
// Functions throw dnnl::error.
#ifndef RECUR_MODEL_NETWORK_ONEDNN_RECURRENT_WEIGHTS_H_
#define RECUR_MODEL_NETWORK_ONEDNN_RECURRENT_WEIGHTS_H_

#include <cstdint>
#include <deque>

#include "model/network/onednn/weight_copies.h"
#include "model/spec/network_spec.h"
#include "model/spec/tensor.h"

namespace recur {

// Of one layer in one direction.
struct RecurrentWeights {
  WeightCopies input;
  WeightCopies hidden;
  dnnl::memory bias;

  // Of all copies.
  int64_t bytes() const;
};

// Layer l and direction d are at l * directions + d. Without values.
std::deque<RecurrentWeights> MakeRecurrentWeights(const dnnl::engine& engine,
                                                  const NetworkSpec& spec);

// Copies the values in. `weights` has passed CheckWeights.
void SetRecurrentWeights(const NetworkSpec& spec, const Weights& weights,
                         std::deque<RecurrentWeights>* layers);

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_ONEDNN_RECURRENT_WEIGHTS_H_
