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
  // NaN means missing: the last value seen stands in (the mean before any),
  // and one more input says so. Without it NaN is refused; a missed interval
  // still makes the last value stand in.
  bool may_be_missing = false;
  // The caller of Forecast can send its values for the target steps.
  bool known_ahead = false;

  friend bool operator==(const Column&, const Column&) = default;
};

// Sine and cosine pairs of local time (UTC plus a fixed offset), harmonics 1
// to n of each period, 0: none. For day, week and year in this order:
//   sin(2 pi p), cos(2 pi p), sin(4 pi p), cos(4 pi p), ...
// where p, in [0, 1), is the part of the current period that has passed. The
// year is the civil one: p is the time since January 1 over the length of
// that year, 365 or 366 days, so that a date has nearly one phase in all
// years and no drift.
struct Calendar {
  int day_harmonics = 0;   // period 24 h, from midnight
  int week_harmonics = 0;  // period 7 days, from Monday
  int year_harmonics = 0;  // period one civil year, from January 1
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
//   kLast  the target's last seen value (the mean before any)
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

  // Per target: the change since the last value seen and the distance from
  // the running mean of the values before (weight 1/16 for the newest; missing
  // ones do not move it), both over the column's scale; 0 before any value.
  bool changes = false;
  // Seasons in steps, all different. Per target and season the value one
  // season before, as input and for every target step; 0 where the sequence is
  // not that long yet. Until it is as long as the longest season, answers are
  // flagged warming_up.
  std::vector<int> seasons;

  Anchor anchor = Anchor::kMean;
  // A network output of 1 is this many raw units: per target.
  std::vector<double> output_scale;
  // Inputs are clipped to +- this, the season values of target steps to +- 1.5
  // times this; 0: not clipped.
  double input_clip = 0.0;

  friend bool operator==(const FeatureSpec&, const FeatureSpec&) = default;
};

// INVALID_ARGUMENT naming the first field that is wrong. What a sequence has to
// remember, and the inputs that one observation can lead to, are bounded, so
// that a valid spec is also an affordable one.
absl::Status ValidateFeatureSpec(const FeatureSpec& spec);

// Width of a step's network input, and of what the head is told about a target
// step (0 without targets); model/features lists what is in them. For a spec
// whose lists are within the limits of ValidateFeatureSpec.
int InputWidth(const FeatureSpec& spec);
int FutureWidth(const FeatureSpec& spec);

// The longest season, 0 without any: past values kept per target.
int LongestSeason(const FeatureSpec& spec);

}  // namespace recur

#endif  // RECUR_MODEL_SPEC_FEATURE_SPEC_H_
