// Raw observations -> network inputs, network outputs -> answers in raw
// units. One observation at a time; training is a loop over the same calls,
// so that serving and training cannot differ.
//
//   absl::StatusOr<Advance> advance =
//       features.Check(observation, state.last_time_us, "weather");
//   inputs.resize(advance->intervals * features.input_size());
//   features.Apply(observation, *advance, &state, inputs.data());
//   ... step the network once per interval, run the head ...
//   Forecast answer = features.ToForecast(model_spec, state, output);
//
// A Features is immutable and shared by all threads; what it remembers of a
// sequence is the FeatureState handed in, which has one writer at a time.
//
// Order of a network input (width InputWidth(spec)):
//   scaled columns; a 0/1 "is missing" per column that may be missing;
//   per target: change, distance from the running mean   (if spec.changes)
//   per target and season: (value - value one season ago) / scale, and with
//   season_values 2 the same of the value one season before the next step
//   calendar of the next interval
// Order of a future row (width FutureWidth(spec)), which is what is known of
// target step k, counted from 0:
//   calendar of that step; per target and season: the value whole seasons
//   before that step, less the anchor, over the scale, and with season_values 2
//   the same of the value one season earlier, with 3 also of the value one
//   season before t; per target: the forecast of the
//   autoregression; known_ahead columns scaled.
// The value whole seasons before target step k, when t is the last observation
// and m the season, is y[t + k + 1 - m * (floor(k / m) + 1)]: the newest one in
// the same phase that has been seen. For missing observations it is the value
// that stood in.
//
// Numbers are doubles until they are scaled; what is then beyond the clip, or
// beyond a float, becomes the limit, so that an input is always finite.
#ifndef RECUR_MODEL_FEATURES_FEATURES_H_
#define RECUR_MODEL_FEATURES_FEATURES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
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
  int64_t time_us = FeatureState::kNoTime;  // becomes the last time
};

class Features {
 public:
  // INVALID_ARGUMENT if ValidateFeatureSpec refuses the spec, this machine does
  // not know its time zone, or the weights are not those of FeatureWeightShapes
  // for some horizon.
  static absl::StatusOr<Features> Create(const FeatureSpec& spec,
                                         const Weights& weights = {});

  const FeatureSpec& spec() const { return spec_; }
  int input_size() const { return input_size_; }
  int future_size() const { return future_size_; }

  // Doubles in FeatureState::values of every state made here; a state read
  // from outside must have as many.
  int state_size() const { return state_size_; }

  FeatureState InitialState() const;

  // Whether the observation may follow one at `last_time_us` (kNoTime: there
  // is none, or it had no time), and by how many intervals. `name` is the
  // model's, for messages. Allocates nothing unless it fails.
  //
  // Times: an interval of zero ignores them. Otherwise an observation is
  // round((time - last) / interval) intervals after the last one, and one
  // without a time is exactly one interval after it; with a calendar every
  // observation needs a time.
  //
  // Every error is INVALID_ARGUMENT with a reason (model/spec/error_reason.h):
  //   wrong_width         not one value per column; details given, expected
  //   missing_value       NaN where none may be; detail column
  //   infinite_value      detail column
  //   missing_time        a calendar needs one
  //   time_out_of_range   not in the years 1 to 9999
  //   time_late           0 or fewer intervals after the last; details time,
  //                       expected_time (ISO 8601, UTC)
  //   time_gap            more than max_gap_intervals; details time,
  //                       expected_time, intervals, max_gap_intervals
  absl::StatusOr<Advance> Check(const Observation& observation,
                                int64_t last_time_us,
                                absl::string_view name) const;

  // Writes [advance.intervals, input_size] to inputs and moves the state: the
  // missed intervals as observations of which every value is missing, then
  // this one. `advance` must come from Check of the same observation with this
  // state's last_time_us. Allocates nothing.
  void Apply(const Observation& observation, const Advance& advance,
             FeatureSlot state, float* inputs) const;

  // Moves the state by a step that is forecast, as if its points [targets] had
  // been observed, one interval after the last observation: a forecast that is
  // fed back. `known` are the raw values [known columns] that CheckKnown
  // accepted, or empty: then the last seen ones stand in, as they do for a
  // point that is not finite. Every column must be a target or known ahead.
  // Writes [1, input_size] to inputs.
  void FeedBack(absl::Span<const double> point, absl::Span<const double> known,
                FeatureSlot state, float* inputs) const;

  // Writes the future rows [horizon, future_size]. `known` are the raw values
  // of the known_ahead columns [horizon, known columns] as CheckKnown accepts
  // them, or empty: then the last seen ones stand in (the mean before any).
  // Before the first time is known the calendar is 0. kForecast models only.
  // Allocates nothing.
  void Future(FeatureView state, int horizon, absl::Span<const double> known,
              float* rows) const;

  // The last seen values [known columns], or the mean before any.
  std::vector<double> LastKnown(FeatureView state) const;

  // INVALID_ARGUMENT, reason wrong_known, unless known is empty or
  // [horizon, known columns] and finite.
  absl::Status CheckKnown(int horizon, absl::Span<const double> known,
                          absl::string_view name) const;

  // What the autoregression's weights are multiplied by, for training:
  // [spec().autoregression.Width()].
  void AutoregressionInputs(FeatureView state, int target, double* out) const;
  // Which category's weights they are; -1: none's.
  int AutoregressionGroup(FeatureView state) const;

  // Number of columns with known_ahead, and which they are.
  int known_count() const { return static_cast<int>(known_.size()); }
  const std::vector<int>& known_columns() const { return known_; }

  // A target's raw value from a network output, and back (for training; NaN
  // stays NaN). `target` counts spec().targets.
  double ToRaw(FeatureView state, int target, float output) const;
  float ToScaled(FeatureView state, int target, double raw) const;

  // The whole answer from the head's output [horizon, targets, levels]:
  // quantiles sorted so that they never cross; point is the median
  // (interpolated between the nearest levels if 0.5 is none; the nearest level
  // if it lies outside of them) or the mean. The horizon is that of `output`.
  Forecast ToForecast(const ModelSpec& model, FeatureView state,
                      absl::Span<const float> output) const;

  // Whether the seasons and lags reach back beyond what has been seen.
  bool WarmingUp(FeatureView state) const;

 private:
  Features(const FeatureSpec& spec, const Weights& weights);

  static absl::Status CheckWeights(const FeatureSpec& spec,
                                   const Weights& weights);
  void TakeWeights(const Weights& weights);
  // What is kept of a scaled value: within the clip, and a float in any case.
  float Narrow(double scaled) const;
  float NarrowFuture(double scaled) const;

  absl::Status CheckValues(absl::Span<const double> values,
                           absl::string_view name) const;
  absl::StatusOr<Advance> CheckTime(std::optional<int64_t> time_us,
                                    int64_t last_time_us,
                                    absl::string_view name) const;
  // One interval; empty values: all of them missing.
  void ApplyOne(absl::Span<const double> values, int64_t time_us,
                FeatureSlot state, float* out) const;
  float* WriteColumns(absl::Span<const double> values, FeatureView state,
                      float* out) const;
  float* WriteChanges(absl::Span<const double> values, FeatureView state,
                      float* out) const;
  float* WriteSeasons(absl::Span<const double> values, FeatureView state,
                      float* out) const;
  float* WriteFutureSeasons(FeatureView state, int step, float* out) const;
  // Column `column` of the future rows [horizon, future_size_].
  void WriteAutoregression(FeatureView state, int target, int horizon,
                           int column, float* rows) const;
  // kNoTime if time_us is.
  int64_t NextTime(int64_t time_us, int steps) const;
  // WriteCalendar for the interval that begins at time_us, 0 without a time.
  float* WriteTime(const Calendar& calendar, int64_t time_us, float* out) const;
  void MoveScales(absl::Span<const double> values, FeatureSlot state) const;
  void Remember(absl::Span<const double> values, FeatureSlot state) const;

  // The value of a column in this observation, or what stands in for it.
  double ValueOf(absl::Span<const double> values, FeatureView state,
                 int column) const;
  double LastOr(FeatureView state, int column, double otherwise) const;
  double AnchorOf(FeatureView state, int target) const;
  // The column's scale, or the running one.
  double ScaleOf(FeatureView state, int target) const;
  // The same when the newest value is `value`, which the state need not know.
  double ScaleAt(FeatureView state, int target, double value) const;
  // What the value `back` observations before the next one differs from
  // `from` by, over the scale; 0 where the sequence is not that long.
  double Change(FeatureView state, int target, int back, double from,
                double scale) const;
  // Raw value `back` observations before the next one, 1 to ring_size_.
  double Past(FeatureView state, int target, int back) const;

  struct Scaling {
    double mean;
    double scale;
  };

  FeatureSpec spec_;
  std::vector<Scaling> plain_;  // by column; empty unless all are just scaled
  std::vector<int> target_of_;  // by column, -1: it is none
  absl::TimeZone zone_;         // UTC unless the calendar names one
  std::vector<int> known_;      // columns with known_ahead
  std::vector<float> autoregression_;  // [groups, targets, width, horizon]
  int autoregression_horizon_ = 0;
  int ring_size_ = 0;  // past values kept per target
  int input_size_ = 0;
  int future_size_ = 0;

  // FeatureState::values: the last seen value per column, NaN before any; from
  // running_ on the running mean per target, NaN before any, if spec_.changes;
  // from scales_ on per target the weighted sum of |change| and the sum of its
  // weights, if spec_.running_scale; from ring_ on [ring_size_, targets],
  // observation n in row n % ring_size_.
  int running_ = 0;
  int scales_ = 0;
  int ring_ = 0;
  int state_size_ = 0;
};

// Probabilities over spec.labels from a head's output (softmax as it is,
// sigmoid p as {1 - p, p}).
Classification ToClassification(const ModelSpec& spec,
                                absl::Span<const float> output);

}  // namespace recur

#endif  // RECUR_MODEL_FEATURES_FEATURES_H_
