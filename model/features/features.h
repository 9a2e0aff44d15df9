// Raw observations -> network inputs, network outputs -> answers in raw
// units. One observation at a time; training is a loop over the same calls,
// so that serving and training cannot differ.
//
// A Features is immutable and shared by all threads; what it remembers of a
// sequence is the FeatureState handed in.
//
// Order of a network input:
//   scaled columns; a 0/1 "is missing" per column that may be missing;
//   per target: change, distance from the running mean   (if spec.changes)
//   per target and season: (value - value one season ago) / scale
//   calendar of the next interval
// Order of a future row (what is known of target step k, counted from 0):
//   calendar of that step; per target and season: the value whole seasons
//   before that step, less the anchor, over the scale; known_ahead columns
//   scaled.
#ifndef RECUR_MODEL_FEATURES_FEATURES_H_
#define RECUR_MODEL_FEATURES_FEATURES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/spec/answer.h"
#include "model/spec/feature_spec.h"
#include "model/spec/model_spec.h"
#include "model/spec/sequence_state.h"

namespace recur {

// The raw values at one time index. `values` is borrowed.
struct Observation {
  absl::Span<const double> values;  // one per column; NaN means missing
  std::optional<int64_t> time_us;   // since the epoch
};

// How an observation follows the one before.
struct Advance {
  int intervals = 1;  // network steps it takes: 1 plus the missed ones
  int64_t time_us = FeatureState::kNoTime;
};

class Features {
 public:
  // The spec must be valid. INVALID_ARGUMENT otherwise.
  static absl::StatusOr<Features> Create(const FeatureSpec& spec);

  const FeatureSpec& spec() const { return spec_; }
  int input_size() const { return input_size_; }
  int future_size() const { return future_size_; }

  FeatureState InitialState() const;

  // Whether the observation may follow one at `last_time_us` (kNoTime: it is
  // the first), and by how many intervals. INVALID_ARGUMENT: wrong width,
  // NaN where none may be, infinity, a missing time; the time is late (the
  // message has the expected one) or too far ahead. `name` is the model's,
  // for messages.
  absl::StatusOr<Advance> Check(const Observation& observation,
                                int64_t last_time_us,
                                absl::string_view name) const;

  // Writes [advance.intervals, input_size] to inputs and moves the state.
  // `advance` must come from Check with this state's last_time_us.
  void Apply(const Observation& observation, const Advance& advance,
             FeatureState* state, float* inputs) const;

  // Writes the future rows [horizon, future_size]. `known` are the raw values
  // of the known_ahead columns [horizon, known columns], or empty: then the
  // last seen ones stand in. kForecast models only.
  void Future(const FeatureState& state, int horizon,
              absl::Span<const double> known, float* rows) const;

  // INVALID_ARGUMENT unless known is empty or [horizon, known columns], finite.
  absl::Status CheckKnown(int horizon, absl::Span<const double> known,
                          absl::string_view name) const;

  // Number of columns with known_ahead.
  int known_count() const { return static_cast<int>(known_.size()); }

  // A target's raw value from a network output, and back (for training).
  double ToRaw(const FeatureState& state, int target, float output) const;
  float ToScaled(const FeatureState& state, int target, double raw) const;

  // The whole answer from the head's output [horizon, targets, levels]:
  // quantiles sorted so that they never cross; point is the median
  // (interpolated if 0.5 is no level) or the mean.
  Forecast ToForecast(const ModelSpec& model, const FeatureState& state,
                      absl::Span<const float> output) const;

  bool WarmingUp(const FeatureState& state) const;

 private:
  explicit Features(const FeatureSpec& spec);

  FeatureSpec spec_;
  std::vector<int> known_;  // columns with known_ahead
  int ring_size_ = 0;       // past values kept per target
  int input_size_ = 0;
  int future_size_ = 0;
};

// Probabilities over spec.labels from a head's output (softmax as it is,
// sigmoid p as {1 - p, p}).
Classification ToClassification(const ModelSpec& spec,
                                absl::Span<const float> output);

}  // namespace recur

#endif  // RECUR_MODEL_FEATURES_FEATURES_H_
