#include "model/spec/feature_spec.h"

#include <cmath>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace recur {
namespace {

constexpr int kMaxColumns = 4096;
constexpr int kMaxSeason = 100000;
constexpr int kMaxHarmonics = 16;
constexpr int kMaxGap = 1000000;

absl::Status CheckColumns(const FeatureSpec& spec) {
  if (spec.columns.size() > kMaxColumns) {
    return absl::InvalidArgumentError(
        absl::StrFormat("features.columns has %d entries; the limit is %d",
                        spec.columns.size(), kMaxColumns));
  }
  std::set<std::string> names;
  for (const Column& column : spec.columns) {
    if (column.name.empty() || !names.insert(column.name).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("features.columns has an empty or doubled name \"",
                       column.name, "\""));
    }
    if (!std::isfinite(column.mean) || !std::isfinite(column.scale) ||
        column.scale <= 0) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "column \"%s\" has mean %g and scale %g; both must be finite and "
          "the scale above 0",
          column.name, column.mean, column.scale));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckTargets(const FeatureSpec& spec) {
  for (int target : spec.targets) {
    if (target < 0 || target >= static_cast<int>(spec.columns.size()) ||
        spec.columns[target].known_ahead) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "features.targets has %d; it must be the index of a column that is "
          "not known ahead, below %d",
          target, spec.columns.size()));
    }
  }
  if (spec.output_scale.size() != spec.targets.size()) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "features.output_scale has %d entries; there are %d targets",
        spec.output_scale.size(), spec.targets.size()));
  }
  for (double scale : spec.output_scale) {
    if (!std::isfinite(scale) || scale <= 0) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "features.output_scale has %g; it must be finite and above 0",
          scale));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckTime(const FeatureSpec& spec) {
  const Calendar& calendar = spec.calendar;
  for (int harmonics : {calendar.day_harmonics, calendar.week_harmonics,
                        calendar.year_harmonics}) {
    if (harmonics < 0 || harmonics > kMaxHarmonics) {
      return absl::InvalidArgumentError(
          absl::StrFormat("features.calendar has %d harmonics; it must be 0 "
                          "to %d",
                          harmonics, kMaxHarmonics));
    }
  }
  if (spec.interval.count() < 0) {
    return absl::InvalidArgumentError("features.interval_us is negative");
  }
  if (calendar.Any() && spec.interval.count() == 0) {
    return absl::InvalidArgumentError(
        "features.calendar needs a features.interval_us above 0");
  }
  if (std::abs(calendar.utc_offset_minutes) > 24 * 60) {
    return absl::InvalidArgumentError(
        "features.calendar.utc_offset_minutes is above one day");
  }
  if (spec.max_gap_intervals < 1 || spec.max_gap_intervals > kMaxGap) {
    return absl::InvalidArgumentError(
        absl::StrFormat("features.max_gap_intervals is %d; it must be 1 to %d",
                        spec.max_gap_intervals, kMaxGap));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateFeatureSpec(const FeatureSpec& spec) {
  if (auto status = CheckColumns(spec); !status.ok()) return status;
  if (auto status = CheckTargets(spec); !status.ok()) return status;
  if (auto status = CheckTime(spec); !status.ok()) return status;
  for (int season : spec.seasons) {
    if (season < 1 || season > kMaxSeason) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "features.seasons has %d; it must be 1 to %d", season, kMaxSeason));
    }
  }
  if (!std::isfinite(spec.input_clip) || spec.input_clip < 0) {
    return absl::InvalidArgumentError(
        "features.input_clip must be 0 (off) or above");
  }
  return absl::OkStatus();
}

}  // namespace recur
