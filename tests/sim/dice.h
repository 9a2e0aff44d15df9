// The only source of chance in a simulation: the same seed, the same numbers.
#ifndef RECUR_TESTS_SIM_DICE_H_
#define RECUR_TESTS_SIM_DICE_H_

#include <chrono>
#include <cstdint>

namespace recur::sim {

using Duration = std::chrono::steady_clock::duration;

// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
// Generators, 2014). Unlike those of <random> its draws are the same with any
// standard library.
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}

  uint64_t Bits() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  uint64_t Below(uint64_t limit) { return Bits() % limit; }
  bool Percent(uint64_t chance) { return Below(100) < chance; }
  double Fraction() {  // [0, 1)
    return static_cast<double>(Bits() >> 11) / 9007199254740992.0;
  }
  Duration Between(Duration low, Duration high) {
    return low +
           Duration(Below(static_cast<uint64_t>((high - low).count()) + 1));
  }
  // Dice of their own, for a part whose draws must not depend on others.
  Dice Fork() { return Dice(Bits()); }

 private:
  uint64_t state_;
};

}  // namespace recur::sim

#endif  // RECUR_TESTS_SIM_DICE_H_
