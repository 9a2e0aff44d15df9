// Features::Check and CheckKnown: what is refused, and in which words.
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "model/features/calendar.h"
#include "model/features/features.h"
#include "model/spec/error_reason.h"

namespace recur {
namespace {

absl::Status Refuse(absl::string_view reason, absl::string_view message) {
  return ErrorWithReason(absl::StatusCode::kInvalidArgument, reason, message);
}

std::string IsoTime(int64_t time_us) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", absl::FromUnixMicros(time_us),
                          absl::UTCTimeZone());
}

absl::Status WrongWidth(size_t given, size_t expected, absl::string_view name) {
  absl::Status status =
      Refuse("wrong_width",
             absl::StrFormat("input has %d features; model \"%s\" expects %d",
                             given, name, expected));
  SetDetail(&status, "given", absl::StrCat(given));
  SetDetail(&status, "expected", absl::StrCat(expected));
  return status;
}

absl::Status BadValue(const Column& column, double value,
                      absl::string_view name) {
  absl::Status status =
      std::isnan(value)
          ? Refuse("missing_value",
                   absl::StrFormat("column \"%s\" is NaN; model \"%s\" does "
                                   "not allow it to be missing",
                                   column.name, name))
          : Refuse("infinite_value",
                   absl::StrFormat("column \"%s\" is %g; model \"%s\" takes "
                                   "finite values",
                                   column.name, value, name));
  SetDetail(&status, "column", column.name);
  return status;
}

absl::Status MissingTime(absl::string_view name) {
  return Refuse("missing_time",
                absl::StrFormat("observation has no time; model \"%s\" has "
                                "calendar features and needs one",
                                name));
}

absl::Status OutOfRange(int64_t time_us, absl::string_view name) {
  return Refuse(
      "time_out_of_range",
      absl::StrFormat("time is %d us since the epoch; model \"%s\" takes the "
                      "years 1 to 9999 (%d to %d)",
                      time_us, name, kFirstTimeUs, kLastTimeUs));
}

absl::Status WithTimes(absl::Status status, int64_t time_us,
                       int64_t expected_us) {
  SetDetail(&status, "time", IsoTime(time_us));
  SetDetail(&status, "expected_time", IsoTime(expected_us));
  return status;
}

absl::Status Late(int64_t time_us, int64_t expected_us,
                  absl::string_view name) {
  return WithTimes(
      Refuse("time_late",
             absl::StrFormat("time %s is late; model \"%s\" expects %s",
                             IsoTime(time_us), name, IsoTime(expected_us))),
      time_us, expected_us);
}

absl::Status Gap(int64_t time_us, int64_t expected_us, int64_t intervals,
                 int limit, absl::string_view name) {
  absl::Status status = WithTimes(
      Refuse("time_gap",
             absl::StrFormat("time %s is %d intervals after the last "
                             "observation; model \"%s\" allows %d and expects "
                             "%s",
                             IsoTime(time_us), intervals, name, limit,
                             IsoTime(expected_us))),
      time_us, expected_us);
  SetDetail(&status, "intervals", absl::StrCat(intervals));
  SetDetail(&status, "max_gap_intervals", absl::StrCat(limit));
  return status;
}

// round(passed / interval), halves up; 0 or less if it is not positive.
int64_t IntervalsIn(int64_t passed_us, int64_t interval_us) {
  return (passed_us + interval_us / 2) / interval_us;
}

bool InRange(int64_t time_us) {
  return time_us >= kFirstTimeUs && time_us <= kLastTimeUs;
}

}  // namespace

absl::StatusOr<Advance> Features::Check(const Observation& observation,
                                        int64_t last_time_us,
                                        absl::string_view name) const {
  if (auto status = CheckValues(observation.values, name); !status.ok()) {
    return status;
  }
  if (spec_.interval.count() == 0) return Advance();
  return CheckTime(observation.time_us, last_time_us, name);
}

absl::Status Features::CheckValues(absl::Span<const double> values,
                                   absl::string_view name) const {
  if (values.size() != spec_.columns.size()) {
    return WrongWidth(values.size(), spec_.columns.size(), name);
  }
  bool finite = true;
  for (const double value : values) finite &= std::isfinite(value);
  if (finite) return absl::OkStatus();
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) continue;
    if (std::isnan(values[i]) && spec_.columns[i].may_be_missing) continue;
    return BadValue(spec_.columns[i], values[i], name);
  }
  return absl::OkStatus();
}

absl::StatusOr<Advance> Features::CheckTime(std::optional<int64_t> time_us,
                                            int64_t last_time_us,
                                            absl::string_view name) const {
  const bool first = last_time_us == FeatureState::kNoTime;
  if (!time_us.has_value()) {
    if (spec_.calendar.Any()) return MissingTime(name);
    if (first) return Advance();
  }
  const int64_t interval = spec_.interval.count();
  const int64_t time = time_us.has_value() ? *time_us : last_time_us + interval;
  if (!InRange(time)) return OutOfRange(time, name);
  if (first) return Advance{1, time};
  const int64_t intervals = IntervalsIn(time - last_time_us, interval);
  const int64_t expected = last_time_us + interval;
  if (intervals <= 0) return Late(time, expected, name);
  if (intervals > spec_.max_gap_intervals) {
    return Gap(time, expected, intervals, spec_.max_gap_intervals, name);
  }
  return Advance{static_cast<int>(intervals), time};
}

absl::Status Features::CheckKnown(int horizon, absl::Span<const double> known,
                                  absl::string_view name) const {
  if (known.empty()) return absl::OkStatus();
  if (known_.empty()) {
    return Refuse("wrong_known",
                  absl::StrFormat("known has %d values; model \"%s\" has no "
                                  "inputs known ahead",
                                  known.size(), name));
  }
  if (known.size() != static_cast<size_t>(horizon) * known_.size()) {
    return Refuse("wrong_known",
                  absl::StrFormat("known has %d values; model \"%s\" expects "
                                  "%d steps x %d inputs known ahead",
                                  known.size(), name, horizon, known_.size()));
  }
  for (size_t i = 0; i < known.size(); ++i) {
    if (std::isfinite(known[i])) continue;
    const std::string& column = spec_.columns[known_[i % known_.size()]].name;
    absl::Status status = Refuse(
        "wrong_known",
        absl::StrFormat("known value of column \"%s\" for step %d is %g; model "
                        "\"%s\" takes finite values",
                        column, i / known_.size() + 1, known[i], name));
    SetDetail(&status, "column", column);
    return status;
  }
  return absl::OkStatus();
}

}  // namespace recur
