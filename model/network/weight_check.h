// Whether a set of weights belongs to a network. Engines and trainable
// networks call it before they trust a pointer.
#ifndef RECUR_MODEL_NETWORK_WEIGHT_CHECK_H_
#define RECUR_MODEL_NETWORK_WEIGHT_CHECK_H_

#include "absl/status/status.h"
#include "model/spec/network_spec.h"
#include "model/spec/tensor.h"

namespace recur {

// INVALID_ARGUMENT naming the first field of the spec that is out of range or
// the first tensor that is missing, has another shape than WeightShapes(spec)
// says, has not as many values as its shape, or is not of this network. The
// values themselves are not looked at.
absl::Status CheckWeights(const NetworkSpec& spec, const Weights& weights);

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_WEIGHT_CHECK_H_
