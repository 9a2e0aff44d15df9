// Inputs for a model whose forecast is the running sum of each input, and the
// sums that must come back. Both are functions of session and step alone:
// nothing is remembered per session. Pure.
//
// Column c (from 0) of a step is (c + 1) * v, where v is 1, 2 or 3, read from
// a table of pseudo-random numbers that each session enters at another place.
// So a step that is lost, doubled or another session's is a wrong sum. Sums
// stay below 2^24, up to which float32 is exact: beyond last_summed_step() the
// inputs are 0 and the sums stay as they are.
#ifndef RECUR_CLIENT_LOAD_CHECKED_VALUES_H_
#define RECUR_CLIENT_LOAD_CHECKED_VALUES_H_

#include <array>
#include <cstdint>

namespace recur::load {

class CheckedValues {
 public:
  CheckedValues(int features, uint64_t seed);

  int features() const { return features_; }
  uint64_t last_summed_step() const { return last_summed_step_; }

  // The inputs of a step, from 1: `features` values to `out`.
  void Write(uint64_t session, uint64_t step, float* out) const;

  // The sum of column 0 over steps 1 to `step`; that of column c is c + 1
  // times as much. O(1).
  double Sum(uint64_t session, uint64_t step) const;

 private:
  static constexpr uint64_t kPeriod = 4096;

  static uint64_t EntryOf(uint64_t session);
  double SumBefore(uint64_t place) const;

  const int features_;
  const uint64_t last_summed_step_;
  std::array<uint8_t, kPeriod> values_;
  std::array<uint32_t, kPeriod + 1> sums_;  // of the values before
};

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_CHECKED_VALUES_H_
