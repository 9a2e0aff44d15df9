// What an observation consists of and how it becomes a network input.
// model/features computes what is described here; model/train fits the
// numbers; model/format stores them.
#ifndef RECUR_MODEL_SPEC_FEATURE_SPEC_H_
#define RECUR_MODEL_SPEC_FEATURE_SPEC_H_

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace recur {

struct Column {
  std::string name;
  double mean = 0.0;   // network input is (value - mean) / scale
  double scale = 1.0;  // > 0
  // NaN means missing: the last value stands in, and one more input says so.
  // Without it NaN is refused.
  bool may_be_missing = false;
  // The caller of Forecast can send its values for the target steps.
  bool known_ahead = false;

  friend bool operator==(const Column&, const Column&) = default;
};

// Sine and cosine pairs of the time of the target step. 0 harmonics: none.
struct Calendar {
  int day_harmonics = 0;   // period 24 h
  int week_harmonics = 0;  // period 7 days
  int year_harmonics = 0;  // period 365.2425 days
  int utc_offset_minutes = 0;

  bool Any() const {
    return day_harmonics > 0 || week_harmonics > 0 || year_harmonics > 0;
  }
  int Width() const {
    return 2 * (day_harmonics + week_harmonics + year_harmonics);
  }
  friend bool operator==(const Calendar&, const Calendar&) = default;
};

// What a forecast is relative to, in raw units:
//   kMean  the column's mean
//   kLast  the target's last seen value
enum class Anchor { kMean, kLast };

struct FeatureSpec {
  std::vector<Column> columns;  // an observation's values, in this order
  std::vector<int> targets;     // indices into columns; empty: classification

  // Time between observations; zero: times are not looked at.
  std::chrono::microseconds interval{0};
  // A jump of k intervals counts as k - 1 missing observations within the
  // step, up to this k; 1 refuses every jump.
  int max_gap_intervals = 1;
  Calendar calendar;  // needs an interval

  // Per target: the change since the last value and the distance from a
  // running mean (weight 1/16), both over the column's scale.
  bool changes = false;
  // Seasons in steps. Per target and season the value one season before, as
  // input and for every target step. Until the ring of past values is as long
  // as the longest, answers are flagged warming_up.
  std::vector<int> seasons;

  Anchor anchor = Anchor::kMean;
  // A network output of 1 is this many raw units: per target.
  std::vector<double> output_scale;
  // Inputs are clipped to +- this; 0: not clipped.
  double input_clip = 0.0;

  friend bool operator==(const FeatureSpec&, const FeatureSpec&) = default;
};

// INVALID_ARGUMENT naming the first field that is wrong.
absl::Status ValidateFeatureSpec(const FeatureSpec& spec);

}  // namespace recur

#endif  // RECUR_MODEL_SPEC_FEATURE_SPEC_H_
