#include "model/spec/feature_spec.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace recur {
namespace {

constexpr int kMaxColumns = 4096;
constexpr int kMaxSeason = 100000;
constexpr int kMaxHarmonics = 16;
constexpr int kMaxSeasons = 64;
constexpr int64_t kMaxPastValues = 1000000;  // per sequence
constexpr int kMaxGap = 1000000;
constexpr int64_t kMaxInputsPerObservation = 1 << 24;
// Ten years: times a horizon or a gap this stays far from overflow.
constexpr std::chrono::microseconds kMaxInterval =
    std::chrono::hours(3660 * 24);

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
  std::set<int> seen;
  for (int target : spec.targets) {
    if (!seen.insert(target).second) {
      return absl::InvalidArgumentError(
          absl::StrFormat("features.targets has %d twice", target));
    }
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

absl::Status CheckCalendar(const FeatureSpec& spec) {
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
  if (calendar.Any() && spec.interval.count() == 0) {
    return absl::InvalidArgumentError(
        "features.calendar needs a features.interval_us above 0");
  }
  if (calendar.utc_offset_minutes < -24 * 60 ||
      calendar.utc_offset_minutes > 24 * 60) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "features.calendar.utc_offset_minutes is %d; it must be within one day "
        "(-1440 to 1440)",
        calendar.utc_offset_minutes));
  }
  return absl::OkStatus();
}

absl::Status CheckInterval(const FeatureSpec& spec) {
  if (spec.interval.count() < 0 || spec.interval > kMaxInterval) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "features.interval_us is %d; it must be 0 (times are not looked at) to "
        "%d (3660 days)",
        spec.interval.count(), kMaxInterval.count()));
  }
  if (spec.max_gap_intervals < 1 || spec.max_gap_intervals > kMaxGap) {
    return absl::InvalidArgumentError(
        absl::StrFormat("features.max_gap_intervals is %d; it must be 1 to %d",
                        spec.max_gap_intervals, kMaxGap));
  }
  return absl::OkStatus();
}

absl::Status CheckSeasons(const FeatureSpec& spec) {
  if (spec.seasons.size() > kMaxSeasons) {
    return absl::InvalidArgumentError(
        absl::StrFormat("features.seasons has %d entries; the limit is %d",
                        spec.seasons.size(), kMaxSeasons));
  }
  std::set<int> seen;
  for (int season : spec.seasons) {
    if (season < 1 || season > kMaxSeason) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "features.seasons has %d; it must be 1 to %d", season, kMaxSeason));
    }
    if (!seen.insert(season).second) {
      return absl::InvalidArgumentError(
          absl::StrFormat("features.seasons has %d twice", season));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSizes(const FeatureSpec& spec) {
  const int64_t targets = static_cast<int64_t>(spec.targets.size());
  if (targets * LongestSeason(spec) > kMaxPastValues) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "features.seasons make a sequence remember %d targets x %d past "
        "values; the limit is %d in all",
        targets, LongestSeason(spec), kMaxPastValues));
  }
  const int64_t gap = spec.max_gap_intervals;
  if (gap * InputWidth(spec) > kMaxInputsPerObservation) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "features.max_gap_intervals is %d with %d inputs per interval; the "
        "limit is %d in all",
        gap, InputWidth(spec), kMaxInputsPerObservation));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateFeatureSpec(const FeatureSpec& spec) {
  for (auto* check : {CheckColumns, CheckTargets, CheckInterval, CheckCalendar,
                      CheckSeasons, CheckSizes}) {
    if (auto status = check(spec); !status.ok()) return status;
  }
  if (!std::isfinite(spec.input_clip) || spec.input_clip < 0) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "features.input_clip is %g; it must be finite and 0 (off) or above",
        spec.input_clip));
  }
  return absl::OkStatus();
}

int InputWidth(const FeatureSpec& spec) {
  const size_t indicators =
      std::count_if(spec.columns.begin(), spec.columns.end(),
                    [](const Column& column) { return column.may_be_missing; });
  const size_t per_target = (spec.changes ? 2 : 0) + spec.seasons.size();
  return static_cast<int>(spec.columns.size() + indicators +
                          spec.targets.size() * per_target) +
         spec.calendar.Width();
}

int FutureWidth(const FeatureSpec& spec) {
  if (spec.targets.empty()) return 0;
  const size_t known =
      std::count_if(spec.columns.begin(), spec.columns.end(),
                    [](const Column& column) { return column.known_ahead; });
  return static_cast<int>(spec.targets.size() * spec.seasons.size() + known) +
         spec.calendar.Width();
}

int LongestSeason(const FeatureSpec& spec) {
  return spec.seasons.empty()
             ? 0
             : *std::max_element(spec.seasons.begin(), spec.seasons.end());
}

}  // namespace recur
