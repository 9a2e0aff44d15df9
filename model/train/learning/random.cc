#include "model/train/learning/random.h"

namespace recur {

uint64_t Random::Next() {
  state_ += 0x9e3779b97f4a7c15u;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

double Random::Uniform() {
  return static_cast<double>(Next() >> 11) * 0x1.0p-53;
}

float Random::Uniform(float low, float high) {
  return low + static_cast<float>(Uniform()) * (high - low);
}

double Random::Normal() {
  // The sum of four: of the right mean and deviation and close enough in shape,
  // without functions that differ between libraries.
  const double sum = Uniform() + Uniform() + Uniform() + Uniform();
  return (sum - 2.0) * 1.7320508075688772;
}

int64_t Random::Below(int64_t limit) {
  // The bias is below limit / 2^53: nothing that training could see.
  return static_cast<int64_t>(Uniform() * static_cast<double>(limit));
}

}  // namespace recur
