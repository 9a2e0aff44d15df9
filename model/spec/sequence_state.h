// All that a model remembers of one sequence. A plain value: copying it forks
// the sequence.
#ifndef RECUR_MODEL_SPEC_SEQUENCE_STATE_H_
#define RECUR_MODEL_SPEC_SEQUENCE_STATE_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace recur {

// Written and read by model/features alone, which defines the layout of
// `values`.
struct FeatureState {
  static constexpr int64_t kNoTime = std::numeric_limits<int64_t>::min();

  int64_t last_time_us = kNoTime;  // since the epoch, of the last observation
  int64_t observed = 0;            // observations seen, missing ones included
  std::vector<double> values;

  friend bool operator==(const FeatureState&, const FeatureState&) = default;
};

struct SequenceState {
  std::vector<float> hidden;  // [layers, h (and c), hidden_size]
  FeatureState features;

  size_t bytes() const {
    return sizeof(*this) + hidden.capacity() * sizeof(float) +
           features.values.capacity() * sizeof(double);
  }
  friend bool operator==(const SequenceState&, const SequenceState&) = default;
};

}  // namespace recur

#endif  // RECUR_MODEL_SPEC_SEQUENCE_STATE_H_
