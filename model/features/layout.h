// What stands where in the inputs and future rows that model/features computes:
// for a trainer that gives a network a part of them, and for people who ask
// which of them moved an answer.
#ifndef RECUR_MODEL_FEATURES_LAYOUT_H_
#define RECUR_MODEL_FEATURES_LAYOUT_H_

#include <string>
#include <vector>

#include "model/spec/feature_spec.h"

namespace recur {

enum class SlotKind {
  kColumn,        // a column's value
  kMissing,       // whether it is missing
  kChange,        // of a target; its distance from the running mean
  kSeason,        // a target's value one season before
  kSecondSeason,  // the second value of season_values
  kLastSeason,    // the third, of a target step
  kCalendar,
  kAutoregression,  // a target's linear forecast
  kKnown,           // a known_ahead column of a target step
};

struct Slot {
  SlotKind kind = SlotKind::kColumn;
  int column = -1;  // of the observation; -1: none
  int season = 0;   // of kSeason, kSecondSeason and kLastSeason

  friend bool operator==(const Slot&, const Slot&) = default;
};

// InputWidth(spec) and FutureWidth(spec) of them, in order.
std::vector<Slot> InputSlots(const FeatureSpec& spec);
std::vector<Slot> FutureSlots(const FeatureSpec& spec);

// For people: "temp_max", "temp_max 7 steps before", "calendar".
std::string SlotName(const FeatureSpec& spec, const Slot& slot);

}  // namespace recur

#endif  // RECUR_MODEL_FEATURES_LAYOUT_H_
