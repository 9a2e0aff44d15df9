#include "model/network/random_weights.h"

#include <utility>

namespace recur {
namespace {

// SplitMix64 (Steele, Lea and Flood 2014): integers only, so no library and no
// instruction set has a say in the values.
uint64_t NextBits(uint64_t* state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

std::vector<float> Draw(int64_t count, float range, uint64_t* state) {
  std::vector<float> values(count);
  for (float& value : values) {
    // 24 bits: exact in a float.
    const auto bits = static_cast<int32_t>(NextBits(state) >> 40);
    value = static_cast<float>(bits - (1 << 23)) / (1 << 23) * range;
  }
  return values;
}

}  // namespace

std::vector<float> RandomValues(int64_t count, uint64_t seed, float range) {
  // Neighbouring seeds would otherwise give shifted copies of one stream.
  uint64_t state = NextBits(&seed);
  return Draw(count, range, &state);
}

Weights RandomWeights(const NetworkSpec& spec, uint64_t seed, float range) {
  uint64_t state = NextBits(&seed);
  Weights weights;
  for (TensorShape& shape : WeightShapes(spec)) {
    const int64_t count = ElementCount(shape.dims);
    weights.emplace(shape.name,
                    Tensor{std::move(shape.dims), Draw(count, range, &state)});
  }
  return weights;
}

}  // namespace recur
