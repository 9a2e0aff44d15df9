#include "model/network/pooling.h"

#include <algorithm>

namespace recur {

void PoolStep(Pooling pooling, const float* h, int width, float count,
              float* pooled) {
  if (pooling == Pooling::kLast || count <= 1.0f) {
    std::copy_n(h, width, pooled);
  } else if (pooling == Pooling::kMean) {
    for (int i = 0; i < width; ++i) pooled[i] += (h[i] - pooled[i]) / count;
  } else {
    for (int i = 0; i < width; ++i) pooled[i] = std::max(pooled[i], h[i]);
  }
}

StatePool::StatePool(const NetworkSpec& spec)
    : pooling_(spec.pooling),
      hidden_size_(spec.hidden_size),
      top_(int64_t{spec.layers - 1} * StateVectorCount(spec.cell) *
           spec.hidden_size),
      pooled_(int64_t{spec.layers} * StateVectorCount(spec.cell) *
              spec.hidden_size) {}

void StatePool::Add(float* state) const {
  if (pooling_ == Pooling::kLast) return;
  float& count = state[pooled_ + hidden_size_];
  count += 1.0f;
  PoolStep(pooling_, state + top_, hidden_size_, count, state + pooled_);
}

const float* StatePool::Summary(const float* state) const {
  return state + (pooling_ == Pooling::kLast ? top_ : pooled_);
}

}  // namespace recur
