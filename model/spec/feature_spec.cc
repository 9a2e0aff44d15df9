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
constexpr int kMaxLags = 2048;
constexpr int kMaxCategories = 1024;
constexpr size_t kMaxZoneName = 64;
constexpr int64_t kMaxPastValues = 1000000;  // per sequence
constexpr int kMaxGap = 1000000;
constexpr int64_t kMaxInputsPerObservation = 1 << 24;
// Ten years: times a horizon or a gap this stays far from overflow.
constexpr std::chrono::microseconds kMaxInterval =
    std::chrono::hours(3660 * 24);

absl::Status CheckCategories(const Column& column) {
  if (column.categories < 0 || column.categories > kMaxCategories ||
      (column.categories > 0 && column.known_ahead)) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "column \"%s\" has %d categories; it must be 0 to %d, and 0 if it is "
        "known ahead",
        column.name, column.categories, kMaxCategories));
  }
  if (column.category_names.empty()) return absl::OkStatus();
  if (static_cast<int>(column.category_names.size()) != column.categories) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "column \"%s\" has %d category_names; it has %d categories",
        column.name, column.category_names.size(), column.categories));
  }
  std::set<std::string> names;
  for (const std::string& name : column.category_names) {
    if (!name.empty() && names.insert(name).second) continue;
    return absl::InvalidArgumentError(absl::StrFormat(
        "column \"%s\" has an empty or doubled name \"%s\" among its "
        "category_names",
        column.name, name));
  }
  return absl::OkStatus();
}

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
    if (auto s = CheckCategories(column); !s.ok()) return s;
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
        spec.columns[target].known_ahead ||
        spec.columns[target].categories > 0) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "features.targets has %d; it must be the index of a column that is "
          "not known ahead and has no categories, below %d",
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
  if ((calendar.Any() || spec.autoregression.year_harmonics > 0) &&
      spec.interval.count() == 0) {
    return absl::InvalidArgumentError(
        "features.calendar needs a features.interval_us above 0, and so do "
        "features.autoregression.year_harmonics");
  }
  if (calendar.time_zone.size() > kMaxZoneName ||
      (!calendar.time_zone.empty() && calendar.utc_offset_minutes != 0)) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "features.calendar.time_zone has %d bytes beside an offset of %d "
        "minutes; it must have at most %d, and the offset be 0",
        calendar.time_zone.size(), calendar.utc_offset_minutes, kMaxZoneName));
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
  if (spec.season_values != 1 && spec.season_values != 2) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "features.season_values is %d; it must be 1 or 2", spec.season_values));
  }
  return absl::OkStatus();
}

absl::Status CheckAutoregression(const FeatureSpec& spec) {
  const Autoregression& own = spec.autoregression;
  if (own.lags < 0 || own.lags > kMaxLags || own.year_harmonics < 0 ||
      own.year_harmonics > kMaxHarmonics) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "features.autoregression has %d lags and %d harmonics of the year; "
        "they must be 0 to %d and 0 to %d",
        own.lags, own.year_harmonics, kMaxLags, kMaxHarmonics));
  }
  if (own.column < -1 ||
      (own.column >= 0 &&
       (own.column >= static_cast<int>(spec.columns.size()) ||
        spec.columns[own.column].categories == 0))) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "features.autoregression.column is %d; it must be -1 or the index of a "
        "column with categories",
        own.column));
  }
  if (own.lags > 0 && (spec.anchor != Anchor::kLast || spec.targets.empty())) {
    return absl::InvalidArgumentError(
        "features.autoregression needs targets and the anchor \"last\"");
  }
  return absl::OkStatus();
}

absl::Status CheckSizes(const FeatureSpec& spec) {
  const int64_t targets = static_cast<int64_t>(spec.targets.size());
  if (targets * PastValues(spec) > kMaxPastValues) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "features.seasons and features.autoregression make a sequence remember "
        "%d targets x %d past values; the limit is %d in all",
        targets, PastValues(spec), kMaxPastValues));
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
                      CheckSeasons, CheckAutoregression, CheckSizes}) {
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
  size_t values = 0;
  for (const Column& column : spec.columns) {
    values += std::max(1, column.categories);
  }
  const size_t per_target =
      (spec.changes ? 2 : 0) + spec.seasons.size() * spec.season_values;
  return static_cast<int>(values + indicators +
                          spec.targets.size() * per_target) +
         spec.calendar.Width();
}

int FutureWidth(const FeatureSpec& spec) {
  if (spec.targets.empty()) return 0;
  const size_t known =
      std::count_if(spec.columns.begin(), spec.columns.end(),
                    [](const Column& column) { return column.known_ahead; });
  const size_t per_target = spec.seasons.size() * spec.season_values +
                            (spec.autoregression.lags > 0 ? 1 : 0);
  return static_cast<int>(spec.targets.size() * per_target + known) +
         spec.calendar.Width();
}

int PastValues(const FeatureSpec& spec) {
  int most = spec.autoregression.lags > 0 ? spec.autoregression.lags + 1 : 0;
  for (int season : spec.seasons) {
    most = std::max(most, season * spec.season_values);
  }
  return most;
}

std::vector<TensorShape> FeatureWeightShapes(const FeatureSpec& spec,
                                             int horizon) {
  if (spec.autoregression.lags == 0) return {};
  const int column = spec.autoregression.column;
  return {{"autoregression.weight",
           {column < 0 ? 1 : spec.columns[column].categories,
            static_cast<int64_t>(spec.targets.size()),
            spec.autoregression.Width(), horizon}}};
}

}  // namespace recur
