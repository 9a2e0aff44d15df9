#include "model/features/layout.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace recur {
namespace {

void AppendSeasons(const FeatureSpec& spec, int column, bool of_target_step,
                   std::vector<Slot>* slots) {
  for (int season : spec.seasons) {
    slots->push_back({SlotKind::kSeason, column, season});
    if (spec.season_values < 2) continue;
    slots->push_back({SlotKind::kSecondSeason, column, season});
    if (spec.season_values < 3 || !of_target_step) continue;
    slots->push_back({SlotKind::kLastSeason, column, season});
  }
}

}  // namespace

std::vector<Slot> InputSlots(const FeatureSpec& spec) {
  std::vector<Slot> slots;
  const int columns = static_cast<int>(spec.columns.size());
  for (int i = 0; i < columns; ++i) {
    const int inputs = std::max(1, spec.columns[i].categories);
    slots.insert(slots.end(), inputs, {SlotKind::kColumn, i});
  }
  for (int i = 0; i < columns; ++i) {
    if (!spec.columns[i].may_be_missing) continue;
    slots.push_back({SlotKind::kMissing, i});
  }
  for (int target : spec.targets) {
    if (!spec.changes) continue;
    slots.insert(slots.end(), 2, {SlotKind::kChange, target});
  }
  for (int target : spec.targets) AppendSeasons(spec, target, false, &slots);
  slots.insert(slots.end(), spec.calendar.Width(), {SlotKind::kCalendar});
  return slots;
}

std::vector<Slot> FutureSlots(const FeatureSpec& spec) {
  std::vector<Slot> slots;
  if (spec.targets.empty()) return slots;
  slots.insert(slots.end(), spec.calendar.Width(), {SlotKind::kCalendar});
  for (int target : spec.targets) AppendSeasons(spec, target, true, &slots);
  for (int target : spec.targets) {
    if (spec.autoregression.lags == 0) continue;
    slots.push_back({SlotKind::kAutoregression, target});
  }
  for (size_t i = 0; i < spec.columns.size(); ++i) {
    if (!spec.columns[i].known_ahead) continue;
    slots.push_back({SlotKind::kKnown, static_cast<int>(i)});
  }
  return slots;
}

std::string SlotName(const FeatureSpec& spec, const Slot& slot) {
  if (slot.kind == SlotKind::kCalendar) return "calendar";
  const std::string& column = spec.columns[slot.column].name;
  switch (slot.kind) {
    case SlotKind::kMissing:
      return absl::StrCat(column, " is missing");
    case SlotKind::kChange:
      return absl::StrCat(column, " change");
    case SlotKind::kSeason:
      return absl::StrCat(column, " ", slot.season, " steps before");
    case SlotKind::kSecondSeason:
      return absl::StrCat(column, " around ", slot.season, " steps before");
    case SlotKind::kLastSeason:
      return absl::StrCat(column, " ", slot.season,
                          " steps before the last value");
    case SlotKind::kAutoregression:
      return absl::StrCat(column, " linear forecast");
    case SlotKind::kKnown:
      return absl::StrCat(column, " known ahead");
    default:
      return column;
  }
}

}  // namespace recur
