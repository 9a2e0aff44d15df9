// Inverted dropout: each element is kept, and scaled so that the expectation
// stays, or becomes zero.
#ifndef RECUR_MODEL_NETWORK_ONEDNN_DROPOUT_MASK_H_
#define RECUR_MODEL_NETWORK_ONEDNN_DROPOUT_MASK_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "model/network/trainable_network.h"

namespace recur {

class DropoutMask {
 public:
  // A mask of no effect.
  DropoutMask() = default;

  // `stream` tells the masks of one minibatch apart. The same arguments give
  // the same mask on every machine. Rate 0 gives one of no effect.
  DropoutMask(const Dropout& dropout, uint64_t stream, int64_t size);

  // Multiplies values[i] by the factor of element `offset` + i: forward for
  // values, backward for their gradients.
  void Apply(absl::Span<float> values, int64_t offset = 0) const;

 private:
  std::vector<float> factors_;  // empty: of no effect
};

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_ONEDNN_DROPOUT_MASK_H_
