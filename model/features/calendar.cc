#include "model/features/calendar.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "absl/time/civil_time.h"

namespace recur {
namespace {

constexpr int64_t kMinuteUs = 60'000'000;
constexpr int64_t kDayUs = 24 * 60 * kMinuteUs;
constexpr int64_t kWeekUs = 7 * kDayUs;
// 1970-01-01 was a Thursday, the fourth day of a week.
constexpr int64_t kEpochInWeekUs = 3 * kDayUs;

int64_t FloorMod(int64_t value, int64_t period) {
  const int64_t rest = value % period;
  return rest < 0 ? rest + period : rest;
}

// Both fit a double's mantissa, so the quotient is rounded once.
double Part(int64_t passed, int64_t period) {
  return static_cast<double>(passed) / static_cast<double>(period);
}

double PartOfYear(int64_t local_us) {
  const int64_t in_day = FloorMod(local_us, kDayUs);
  const absl::CivilDay day =
      absl::CivilDay(1970, 1, 1) + (local_us - in_day) / kDayUs;
  const absl::CivilDay start(day.year(), 1, 1);
  const absl::CivilDay end(day.year() + 1, 1, 1);
  return Part((day - start) * kDayUs + in_day, (end - start) * kDayUs);
}

// Higher harmonics by the addition theorem, instead of a sine each.
float* WriteHarmonics(double part, int harmonics, float* out) {
  const double angle = 2.0 * std::numbers::pi * part;
  const double sin1 = std::sin(angle);
  const double cos1 = std::cos(angle);
  double sin_n = sin1;
  double cos_n = cos1;
  for (int n = 0; n < harmonics; ++n) {
    *out++ = static_cast<float>(sin_n);
    *out++ = static_cast<float>(cos_n);
    const double next = sin_n * cos1 + cos_n * sin1;
    cos_n = cos_n * cos1 - sin_n * sin1;
    sin_n = next;
  }
  return out;
}

float* WriteDates(int64_t local_us, float* out) {
  const absl::CivilDay day = absl::CivilDay(1970, 1, 1) +
                             (local_us - FloorMod(local_us, kDayUs)) / kDayUs;
  std::fill_n(out, 12 + 31, 0.0f);
  out[day.month() - 1] = 1.0f;
  out[12 + day.day() - 1] = 1.0f;
  return out + 12 + 31;
}

}  // namespace

float* WriteCalendar(const Calendar& calendar, int64_t time_us, float* out) {
  const int64_t local = time_us + calendar.utc_offset_minutes * kMinuteUs;
  if (calendar.day_harmonics > 0) {
    out = WriteHarmonics(Part(FloorMod(local, kDayUs), kDayUs),
                         calendar.day_harmonics, out);
  }
  if (calendar.week_harmonics > 0) {
    out =
        WriteHarmonics(Part(FloorMod(local + kEpochInWeekUs, kWeekUs), kWeekUs),
                       calendar.week_harmonics, out);
  }
  if (calendar.year_harmonics > 0) {
    out = WriteHarmonics(PartOfYear(local), calendar.year_harmonics, out);
  }
  if (calendar.dates) out = WriteDates(local, out);
  return out;
}

}  // namespace recur
