// All that a model remembers of one sequence. A plain value: copying it forks
// the sequence.
#ifndef RECUR_MODEL_SPEC_SEQUENCE_STATE_H_
#define RECUR_MODEL_SPEC_SEQUENCE_STATE_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace recur {

// When the last observation was, and how many there were.
struct FeatureClock {
  static constexpr int64_t kNoTime = std::numeric_limits<int64_t>::min();

  int64_t last_time_us = kNoTime;  // since the epoch, of the last observation
  int64_t observed = 0;            // observations seen, missing ones included

  friend bool operator==(const FeatureClock&, const FeatureClock&) = default;
};

// Written and read by model/features alone, which defines the layout of
// `values`.
struct FeatureState : FeatureClock {
  std::vector<double> values;

  friend bool operator==(const FeatureState&, const FeatureState&) = default;
};

// A feature state to read, wherever it lives: as a FeatureState, or within a
// larger record. Borrowed, as a span is.
struct FeatureView {
  FeatureView(const FeatureState& state)  // NOLINT: converts as a span does
      : clock(state), values(state.values.data()) {}
  FeatureView(const FeatureClock& its_clock, const double* its_values)
      : clock(its_clock), values(its_values) {}

  const FeatureClock& clock;
  const double* values;
};

// The same, to read and write.
struct FeatureSlot {
  FeatureSlot(FeatureState* state)  // NOLINT: converts as a span does
      : clock(state), values(state->values.data()) {}
  FeatureSlot(FeatureClock* its_clock, double* its_values)
      : clock(its_clock), values(its_values) {}
  operator FeatureView() const { return {*clock, values}; }  // NOLINT: a span

  FeatureClock* clock;
  double* values;
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
