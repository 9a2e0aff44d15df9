#include "client/load/checked_values.h"

#include <algorithm>
#include <random>

namespace recur::load {
namespace {

constexpr uint64_t kMaxValue = 3;
constexpr uint64_t kExactBelow = uint64_t{1} << 24;

}  // namespace

CheckedValues::CheckedValues(int features, uint64_t seed)
    : features_(features),
      last_summed_step_((kExactBelow - 1) / (kMaxValue * features)) {
  std::mt19937_64 random(seed);
  sums_[0] = 0;
  for (uint64_t i = 0; i < kPeriod; ++i) {
    values_[i] = static_cast<uint8_t>(1 + random() % kMaxValue);
    sums_[i + 1] = sums_[i] + values_[i];
  }
}

uint64_t CheckedValues::EntryOf(uint64_t session) {
  return (session * 0x9E3779B97F4A7C15u) >> 52;
}

double CheckedValues::SumBefore(uint64_t place) const {
  return static_cast<double>(place / kPeriod * sums_[kPeriod] +
                             sums_[place % kPeriod]);
}

void CheckedValues::Write(uint64_t session, uint64_t step, float* out) const {
  const uint64_t place = EntryOf(session) + step - 1;
  const float value = step <= last_summed_step_
                          ? static_cast<float>(values_[place % kPeriod])
                          : 0.0f;
  for (int c = 0; c < features_; ++c) {
    out[c] = value * static_cast<float>(c + 1);
  }
}

double CheckedValues::Sum(uint64_t session, uint64_t step) const {
  const uint64_t entry = EntryOf(session);
  return SumBefore(entry + std::min(step, last_summed_step_)) -
         SumBefore(entry);
}

}  // namespace recur::load
