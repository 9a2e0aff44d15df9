#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "model/data/csv.h"

namespace recur {
namespace {

// Four digits of year keep every time far from the limits of 64 bits.
constexpr int64_t kMaxSeconds = 253402300799;  // 9999-12-31T23:59:59Z
constexpr int64_t kMinSeconds = -62135596800;  // 0001-01-01T00:00:00Z

// Takes exactly `digits` digits from the front of *text.
bool TakeDigits(absl::string_view* text, int digits, int* value) {
  if (static_cast<int>(text->size()) < digits) return false;
  *value = 0;
  for (int i = 0; i < digits; ++i) {
    if (!absl::ascii_isdigit((*text)[i])) return false;
    *value = *value * 10 + ((*text)[i] - '0');
  }
  text->remove_prefix(digits);
  return true;
}

bool TakeChar(absl::string_view* text, char c) {
  if (text->empty() || text->front() != c) return false;
  text->remove_prefix(1);
  return true;
}

// "YYYY-MM-DD", which must be a day that exists, or "YYYY-MM" and nothing
// more: the first day of a month.
bool TakeDate(absl::string_view* text, absl::CivilDay* day) {
  int year = 0, month = 0, date = 1;
  if (!TakeDigits(text, 4, &year) || !TakeChar(text, '-') ||
      !TakeDigits(text, 2, &month)) {
    return false;
  }
  const bool whole_month = text->empty();
  if (!whole_month && (!TakeChar(text, '-') || !TakeDigits(text, 2, &date))) {
    return false;
  }
  *day = absl::CivilDay(year, month, date);
  // CivilDay turns February 30 into March.
  return year >= 1 && day->month() == month && day->day() == date;
}

// Digits of a fraction beyond the sixth are dropped.
bool TakeFraction(absl::string_view* text, int* micros) {
  int digits = 0;
  for (; !text->empty() && absl::ascii_isdigit(text->front()); ++digits) {
    if (digits < 6) *micros = *micros * 10 + (text->front() - '0');
    text->remove_prefix(1);
  }
  for (int i = digits; i < 6; ++i) *micros *= 10;
  return digits > 0;
}

// "hh:mm", "hh:mm:ss" or "hh:mm:ss.ffffff".
bool TakeTimeOfDay(absl::string_view* text, int64_t* micros) {
  int hour = 0, minute = 0, second = 0, fraction = 0;
  if (!TakeDigits(text, 2, &hour) || !TakeChar(text, ':') ||
      !TakeDigits(text, 2, &minute)) {
    return false;
  }
  if (TakeChar(text, ':')) {
    if (!TakeDigits(text, 2, &second)) return false;
    if (TakeChar(text, '.') && !TakeFraction(text, &fraction)) return false;
  }
  *micros = (hour * 3600 + minute * 60 + second) * int64_t{1000000} + fraction;
  return hour < 24 && minute < 60 && second < 60;
}

// "", "Z", "+hh:mm", "-hhmm" or "+hh".
bool TakeOffset(absl::string_view* text, int64_t* minutes) {
  if (text->empty() || TakeChar(text, 'Z') || TakeChar(text, 'z')) return true;
  const bool negative = text->front() == '-';
  if (!TakeChar(text, '-') && !TakeChar(text, '+')) return false;
  int hour = 0, minute = 0;
  if (!TakeDigits(text, 2, &hour)) return false;
  TakeChar(text, ':');
  if (!text->empty() && !TakeDigits(text, 2, &minute)) return false;
  *minutes = hour * 60 + minute;
  if (negative) *minutes = -*minutes;
  return hour < 24 && minute < 60;
}

bool ParseIsoTime(absl::string_view text, int64_t* time_us) {
  absl::CivilDay day;
  if (!TakeDate(&text, &day)) return false;
  int64_t micros = 0;
  int64_t offset_minutes = 0;
  if (TakeChar(&text, 'T') || TakeChar(&text, 't') || TakeChar(&text, ' ')) {
    if (!TakeTimeOfDay(&text, &micros)) return false;
    TakeChar(&text, ' ');
    if (!TakeOffset(&text, &offset_minutes)) return false;
  }
  *time_us = (day - absl::CivilDay(1970, 1, 1)) * int64_t{86400000000} +
             micros - offset_minutes * 60000000;
  return text.empty();
}

}  // namespace

absl::StatusOr<int64_t> ParseTime(absl::string_view text) {
  const absl::string_view trimmed = absl::StripAsciiWhitespace(text);
  int64_t value = 0;
  if (ParseIsoTime(trimmed, &value)) return value;
  if (absl::SimpleAtoi(trimmed, &value)) {
    if (value >= kMinSeconds && value <= kMaxSeconds) return value * 1000000;
    return absl::InvalidArgumentError(
        absl::StrCat("\"", trimmed,
                     "\" seconds since the epoch are not in the years 1 to "
                     "9999"));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", trimmed.substr(0, 60),
                   "\" is not a time such as 2012-01-31, 2012-01-31T23:59:00Z "
                   "or seconds since the epoch"));
}

std::string FormatTime(int64_t time_us) {
  const absl::Time time = absl::FromUnixMicros(time_us);
  const absl::TimeZone utc = absl::UTCTimeZone();
  if (time_us % 86400000000 == 0) {
    return absl::FormatTime("%Y-%m-%d", time, utc);
  }
  // %E*S writes as many digits of the fraction as there are.
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time, utc);
}

}  // namespace recur
