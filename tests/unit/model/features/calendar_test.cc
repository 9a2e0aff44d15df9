#include "model/features/calendar.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "absl/time/time.h"

namespace recur {
namespace {

int64_t Utc(int year, int month, int day, int hour = 0, int minute = 0) {
  return absl::ToUnixMicros(absl::FromCivil(
      absl::CivilMinute(year, month, day, hour, minute), absl::UTCTimeZone()));
}

// The part of the period that has passed, read back from sine and cosine.
double Phase(const Calendar& calendar, int64_t time_us) {
  std::vector<float> out(calendar.Width() + 1, 9.0f);
  EXPECT_EQ(WriteCalendar(calendar, time_us, out.data()),
            out.data() + calendar.Width());
  EXPECT_EQ(out.back(), 9.0f);
  const double part = std::atan2(out[0], out[1]) / (2 * M_PI);
  return part < -1e-6 ? part + 1.0 : part;
}

TEST(CalendarTest, TheDayBeginsAtMidnight) {
  const Calendar day{.day_harmonics = 1};
  EXPECT_NEAR(Phase(day, Utc(2014, 3, 1)), 0.0, 1e-6);
  EXPECT_NEAR(Phase(day, Utc(2014, 3, 1, 6)), 0.25, 1e-6);
  EXPECT_NEAR(Phase(day, Utc(1931, 3, 1, 18)), 0.75, 1e-6);
}

TEST(CalendarTest, TheWeekBeginsOnMonday) {
  const Calendar week{.week_harmonics = 1};
  EXPECT_NEAR(Phase(week, Utc(2014, 3, 3)), 0.0, 1e-6);      // a Monday
  EXPECT_NEAR(Phase(week, Utc(1970, 1, 1)), 3.0 / 7, 1e-6);  // a Thursday
  EXPECT_NEAR(Phase(week, Utc(1969, 12, 28, 12)), 6.5 / 7, 1e-6);
}

TEST(CalendarTest, TheYearIsTheCivilOneWithItsOwnLength) {
  const Calendar year{.year_harmonics = 1};
  for (int y : {1900, 1969, 1970, 2000, 2012, 2014, 2100}) {
    const bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    const double days = leap ? 366.0 : 365.0;
    EXPECT_NEAR(Phase(year, Utc(y, 1, 1)), 0.0, 1e-6) << y;
    EXPECT_NEAR(Phase(year, Utc(y, 2, 28, 12)), 58.5 / days, 1e-6) << y;
    EXPECT_NEAR(Phase(year, Utc(y, 3, 1)), (leap ? 60 : 59) / days, 1e-6) << y;
    EXPECT_NEAR(Phase(year, Utc(y, 12, 31)), (days - 1) / days, 1e-6) << y;
  }
}

TEST(CalendarTest, ALeapYearHasItsLeapDay) {
  const Calendar year{.year_harmonics = 1};
  EXPECT_NEAR(Phase(year, Utc(2012, 2, 29)), 59.0 / 366, 1e-6);
  EXPECT_NEAR(Phase(year, Utc(2012, 7, 2)), 0.5, 1e-6);  // day 183 of 366
}

TEST(CalendarTest, TheOffsetMovesToLocalTime) {
  const Calendar pacific{.day_harmonics = 1, .utc_offset_minutes = -480};
  EXPECT_NEAR(Phase(pacific, Utc(2014, 3, 1, 8)), 0.0, 1e-6);
  const Calendar year{.year_harmonics = 1, .utc_offset_minutes = 60};
  EXPECT_NEAR(Phase(year, Utc(2013, 12, 31, 23)), 0.0, 1e-6);
}

TEST(CalendarTest, WritesPairsOfHarmonicsOfDayWeekAndYear) {
  const Calendar calendar{
      .day_harmonics = 2, .week_harmonics = 1, .year_harmonics = 16};
  ASSERT_EQ(calendar.Width(), 38);
  std::vector<float> out(38);
  WriteCalendar(calendar, Utc(2014, 3, 4, 3), out.data());
  const double day = 3.0 / 24;
  const double week = (1 + day) / 7;
  const double year = (31 + 28 + 3 + day) / 365;
  std::vector<double> expected;
  for (auto [part, harmonics] :
       std::vector<std::pair<double, int>>{{day, 2}, {week, 1}, {year, 16}}) {
    for (int n = 1; n <= harmonics; ++n) {
      expected.push_back(std::sin(2 * M_PI * n * part));
      expected.push_back(std::cos(2 * M_PI * n * part));
    }
  }
  for (int i = 0; i < 38; ++i) EXPECT_NEAR(out[i], expected[i], 2e-7) << i;
}

TEST(CalendarTest, StaysExactOverManyYears) {
  // Counted in doubles of seconds, midnight would have drifted by the end.
  const Calendar day{.day_harmonics = 1};
  std::vector<float> out(2);
  for (int y = 1; y < 9999; y += 13) {
    WriteCalendar(day, Utc(y, 5, 17), out.data());
    EXPECT_EQ(out[0], 0.0f);
    EXPECT_EQ(out[1], 1.0f);
  }
}

TEST(CalendarTest, TheLimitsAreTheYears1And9999) {
  EXPECT_EQ(kFirstTimeUs, Utc(1, 1, 1));
  EXPECT_EQ(kLastTimeUs, Utc(10000, 1, 1) - 1);
}

}  // namespace
}  // namespace recur
