#include "model/network/onednn/dropout_mask.h"

#include <cstddef>

namespace recur {
namespace {

// One output of splitmix64 (Steele, Lea, Flood 2014).
uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

}  // namespace

DropoutMask::DropoutMask(const Dropout& dropout, uint64_t stream,
                         int64_t size) {
  if (dropout.rate <= 0.0f) return;
  const uint64_t seed = Mix(dropout.seed ^ Mix(stream));
  const float kept = 1.0f / (1.0f - dropout.rate);
  factors_.resize(size);
  for (int64_t i = 0; i < size; ++i) {
    const float uniform = static_cast<float>(Mix(seed + i) >> 40) * 0x1p-24f;
    factors_[i] = uniform < dropout.rate ? 0.0f : kept;
  }
}

void DropoutMask::Apply(absl::Span<float> values, int64_t offset) const {
  if (factors_.empty()) return;
  const float* factors = factors_.data() + offset;
  for (size_t i = 0; i < values.size(); ++i) values[i] *= factors[i];
}

}  // namespace recur
