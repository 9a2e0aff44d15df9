// Pooling of the top layer's h over the steps (model/spec/network_spec.h), as
// plain loops, one row at a time: a row has the same bits in any batch.
#ifndef RECUR_MODEL_NETWORK_POOLING_H_
#define RECUR_MODEL_NETWORK_POOLING_H_

#include <cstdint>

#include "model/spec/network_spec.h"

namespace recur {

// Takes h [width] into pooled [width], as number `count` (from 1) of its
// sequence; the first overwrites whatever is there. The mean is moved by
// (h - mean) / count, so that it stays within the range of h however long the
// sequence is.
void PoolStep(Pooling pooling, const float* h, int width, float count,
              float* pooled);

// What a state [HiddenStateSize] holds for the head.
class StatePool {
 public:
  explicit StatePool(const NetworkSpec& spec);

  // After a step has been written to the state: pools its top h. A float
  // counts to 2^24; beyond that the mean forgets, with that many steps as its
  // time constant.
  void Add(float* state) const;

  // The head's input [hidden_size] within the state. Before the first step it
  // is zero.
  const float* Summary(const float* state) const;

 private:
  Pooling pooling_;
  int hidden_size_;
  int64_t top_;     // where the top layer's h begins
  int64_t pooled_;  // where what is pooled begins; behind it is the count
};

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_POOLING_H_
