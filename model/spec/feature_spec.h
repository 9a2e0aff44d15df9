// What an observation consists of and how it becomes a network input.
// model/features computes what is described here; model/train fits the
// numbers; model/format stores them.
#ifndef RECUR_MODEL_SPEC_FEATURE_SPEC_H_
#define RECUR_MODEL_SPEC_FEATURE_SPEC_H_

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "model/spec/tensor.h"

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
  // Above 0: the value is one of 0 to categories - 1, such as which of the
  // known series this is, and there are as many inputs, of which that one is 1
  // and the others are 0; all are 0 for any other value. Neither a target nor
  // known ahead.
  int categories = 0;
  // What people call them, in order; empty: by their numbers.
  std::vector<std::string> category_names;

  friend bool operator==(const Column&, const Column&) = default;
};

// What local time (of a time zone, or UTC plus a fixed offset) says, as inputs.
// First sine and cosine pairs, harmonics 1 to n of each period, 0: none. For
// day, week and year in this order:
//   sin(2 pi p), cos(2 pi p), sin(4 pi p), cos(4 pi p), ...
// where p, in [0, 1), is the part of the current period that has passed. The
// year is the civil one: p is the time since January 1 over the length of
// that year, 365 or 366 days, so that a date has nearly one phase in all
// years and no drift.
// Then, with `dates`, 12 inputs for the month and 31 for the day of the month,
// of which the current ones are 1 and the others 0: for what happens on a date,
// as holidays do.
struct Calendar {
  int day_harmonics = 0;   // period 24 h, from midnight
  int week_harmonics = 0;  // period 7 days, from Monday
  int year_harmonics = 0;  // period one civil year, from January 1
  int utc_offset_minutes = 0;
  bool dates = false;
  // IANA name, such as "Europe/London", whose summer time is followed; empty:
  // the fixed offset alone.
  std::string time_zone;

  bool Any() const {
    return day_harmonics > 0 || week_harmonics > 0 || year_harmonics > 0 ||
           dates;
  }
  int Width() const {
    return 2 * (day_harmonics + week_harmonics + year_harmonics) +
           (dates ? 12 + 31 : 0);
  }
  friend bool operator==(const Calendar&, const Calendar&) = default;
};

// What a forecast is relative to, in raw units:
//   kMean  the column's mean
//   kLast  the target's last seen value (the mean before any)
enum class Anchor { kMean, kLast };

// A linear forecast of every target step from a target's own past, which the
// network is told of and need only correct. For target step k it is the product
// of weights [k] and, in this order,
//   (value j steps before the last one - last value) / scale, j = 1 to lags;
//     0 where the sequence is not that long yet
//   sine and cosine of the year as in Calendar, year_harmonics pairs, of the
//     next interval
//   1
// so that it too is relative to the last value and in units of the scale.
struct Autoregression {
  int lags = 0;            // 0: there is none
  int year_harmonics = 0;  // need an interval
  // A column with categories, each of which has weights of its own: of several
  // known series each its own linear forecast. For any other value of the
  // column the forecast is 0, the last value. -1: the same weights for all.
  int column = -1;

  int Width() const { return lags > 0 ? lags + 2 * year_harmonics + 1 : 0; }
  friend bool operator==(const Autoregression&,
                         const Autoregression&) = default;
};

struct FeatureSpec {
  std::vector<Column> columns;  // an observation's values, in this order
  std::vector<int> targets;     // indices into columns; empty: classification

  // Time between observations; zero: times are not looked at.
  std::chrono::microseconds interval{0};
  // A jump of k intervals counts as k - 1 missing observations within the
  // step, up to this k; 1 refuses every jump.
  int max_gap_intervals = 1;
  Calendar calendar;  // needs an interval

  // The scale of a target is not its column's but the mean of |change| so far
  // (weight 1/64 for the newest; at least 1/1000 of the last value): one model
  // then fits sequences of any size, also those it has not been trained on. The
  // input of its column is 0.3 ln(scale / |value|) instead of the value.
  bool running_scale = false;

  // Per target: the change since the last value seen and the distance from
  // the running mean of the values before (weight 1/16 for the newest; missing
  // ones do not move it), both over the scale; 0 before any value.
  bool changes = false;
  // Seasons in steps, all different. Per target and season the value one
  // season before, as input and for every target step; 0 where the sequence is
  // not that long yet. Until all that a sequence remembers is filled, answers
  // are flagged warming_up.
  std::vector<int> seasons;
  // 2: beside each of those a second one: as input the value one season before
  // the next step, for a target step the value one season earlier still.
  int season_values = 1;
  Autoregression autoregression;  // for every target step; needs Anchor::kLast

  Anchor anchor = Anchor::kMean;
  // A network output of 1 is this many raw units: per target. With
  // running_scale it is this many times the scale.
  std::vector<double> output_scale;
  // Inputs are clipped to +- this, what target steps are told of the past to
  // +- 1.5 times this; 0: not clipped.
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

// Past values kept per target: as many as the seasons and the lags reach back.
int PastValues(const FeatureSpec& spec);

// The features' own weights, which come with the network's:
//   autoregression.weight  [categories of autoregression.column or 1, targets,
//                           autoregression.Width(), horizon]
std::vector<TensorShape> FeatureWeightShapes(const FeatureSpec& spec,
                                             int horizon);

}  // namespace recur

#endif  // RECUR_MODEL_SPEC_FEATURE_SPEC_H_
