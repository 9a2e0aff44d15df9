#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "model/features/features.h"
#include "model/spec/error_reason.h"

namespace recur {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int64_t kNoTime = FeatureState::kNoTime;
constexpr int64_t kHour = 3600LL * 1000000;
constexpr int64_t kStart = 1393632000LL * 1000000;  // 2014-03-01T00:00:00Z

FeatureSpec Hourly() {
  FeatureSpec spec;
  spec.columns = {{.name = "load"}, {.name = "wind", .may_be_missing = true}};
  spec.interval = std::chrono::microseconds(kHour);
  spec.max_gap_intervals = 24;
  return spec;
}

FeatureSpec HourlyWithCalendar() {
  FeatureSpec spec = Hourly();
  spec.calendar.day_harmonics = 1;
  return spec;
}

absl::StatusOr<Advance> CheckValues(std::vector<double> values) {
  FeatureSpec spec = Hourly();
  spec.interval = std::chrono::microseconds(0);
  return Features::Create(spec)->Check({values, std::nullopt}, kNoTime,
                                       "etth1");
}

absl::StatusOr<Advance> CheckTime(const FeatureSpec& spec,
                                  std::optional<int64_t> time, int64_t last) {
  const std::vector<double> values = {1.0, 2.0};
  return Features::Create(spec)->Check({values, time}, last, "etth1");
}

void ExpectRefused(const absl::Status& status, absl::string_view reason,
                   absl::string_view message) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), std::string(reason));
  EXPECT_EQ(status.message(), message);
}

TEST(ObservationCheckTest, NamesBothWidths) {
  const absl::Status status = CheckValues(std::vector<double>(7)).status();
  ExpectRefused(status, "wrong_width",
                "input has 7 features; model \"etth1\" expects 2");
  EXPECT_THAT(DetailsOf(status),
              ElementsAre(Pair("expected", "2"), Pair("given", "7")));
  ExpectRefused(CheckValues({}).status(), "wrong_width",
                "input has 0 features; model \"etth1\" expects 2");
}

TEST(ObservationCheckTest, NamesTheColumnOfANaNThatMayNotBe) {
  EXPECT_TRUE(CheckValues({1.0, kNaN}).ok());
  const absl::Status status = CheckValues({kNaN, 1.0}).status();
  ExpectRefused(status, "missing_value",
                "column \"load\" is NaN; model \"etth1\" does not allow it to "
                "be missing");
  EXPECT_THAT(DetailsOf(status), ElementsAre(Pair("column", "load")));
}

TEST(ObservationCheckTest, NeverTakesInfinities) {
  ExpectRefused(CheckValues({kInfinity, 1.0}).status(), "infinite_value",
                "column \"load\" is inf; model \"etth1\" takes finite values");
  ExpectRefused(CheckValues({1.0, -kInfinity}).status(), "infinite_value",
                "column \"wind\" is -inf; model \"etth1\" takes finite values");
}

TEST(ObservationCheckTest, IgnoresTimesWithoutAnInterval) {
  FeatureSpec spec = Hourly();
  spec.interval = std::chrono::microseconds(0);
  for (int64_t time : {kStart, kNoTime, int64_t{-1}}) {
    const auto advance = CheckTime(spec, time, kStart);
    ASSERT_TRUE(advance.ok());
    EXPECT_EQ(advance->intervals, 1);
    EXPECT_EQ(advance->time_us, kNoTime);
  }
}

TEST(ObservationCheckTest, ACalendarNeedsATimeInEveryObservation) {
  for (int64_t last : {kNoTime, kStart}) {
    ExpectRefused(
        CheckTime(HourlyWithCalendar(), std::nullopt, last).status(),
        "missing_time",
        "observation has no time; model \"etth1\" has calendar features and "
        "needs one");
  }
}

TEST(ObservationCheckTest, WithoutACalendarNoTimeMeansOneIntervalOn) {
  const auto first = CheckTime(Hourly(), std::nullopt, kNoTime);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->intervals, 1);
  EXPECT_EQ(first->time_us, kNoTime);
  const auto next = CheckTime(Hourly(), std::nullopt, kStart);
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(next->intervals, 1);
  EXPECT_EQ(next->time_us, kStart + kHour);
  const auto timed_at_last = CheckTime(Hourly(), kStart, kNoTime);
  ASSERT_TRUE(timed_at_last.ok());
  EXPECT_EQ(timed_at_last->time_us, kStart);
}

TEST(ObservationCheckTest, RoundsToWholeIntervalsAndKeepsTheTime) {
  const int64_t half = kHour / 2;
  for (auto [passed, intervals] :
       std::vector<std::pair<int64_t, int>>{{half, 1},
                                            {kHour, 1},
                                            {kHour + half - 1, 1},
                                            {kHour + half, 2},
                                            {24 * kHour + half - 1, 24}}) {
    const auto advance =
        CheckTime(HourlyWithCalendar(), kStart + passed, kStart);
    ASSERT_TRUE(advance.ok()) << advance.status();
    EXPECT_EQ(advance->intervals, intervals);
    EXPECT_EQ(advance->time_us, kStart + passed);
  }
}

TEST(ObservationCheckTest, RefusesLateTimesWithTheExpectedOne) {
  for (int64_t passed : {kHour / 2 - 1, int64_t{0}}) {
    EXPECT_EQ(ReasonOf(CheckTime(Hourly(), kStart + passed, kStart).status()),
              "time_late");
  }
  const absl::Status status =
      CheckTime(Hourly(), kStart - 90 * 60 * 1000000LL, kStart).status();
  ExpectRefused(status, "time_late",
                "time 2014-02-28T22:30:00Z is late; model \"etth1\" expects "
                "2014-03-01T01:00:00Z");
  EXPECT_THAT(DetailsOf(status),
              ElementsAre(Pair("expected_time", "2014-03-01T01:00:00Z"),
                          Pair("time", "2014-02-28T22:30:00Z")));
}

TEST(ObservationCheckTest, RefusesJumpsBeyondTheLimit) {
  EXPECT_TRUE(CheckTime(Hourly(), kStart + 24 * kHour, kStart).ok());
  const absl::Status status =
      CheckTime(Hourly(), kStart + 25 * kHour, kStart).status();
  ExpectRefused(status, "time_gap",
                "time 2014-03-02T01:00:00Z is 25 intervals after the last "
                "observation; model \"etth1\" allows 24 and expects "
                "2014-03-01T01:00:00Z");
  EXPECT_THAT(DetailsOf(status), Contains(Pair("intervals", "25")));
  EXPECT_THAT(DetailsOf(status), Contains(Pair("max_gap_intervals", "24")));
}

TEST(ObservationCheckTest, RefusesTimesOutsideOfTheCalendar) {
  // Nanoseconds taken for microseconds, and both ends of the type.
  for (int64_t time : {kStart * 1000, std::numeric_limits<int64_t>::min(),
                       std::numeric_limits<int64_t>::max()}) {
    for (int64_t last : {kNoTime, kStart}) {
      const absl::Status status = CheckTime(Hourly(), time, last).status();
      EXPECT_EQ(ReasonOf(status), "time_out_of_range");
      EXPECT_THAT(std::string(status.message()), HasSubstr("years 1 to 9999"));
    }
  }
}

TEST(ObservationCheckTest, AnUntimedStepCannotLeaveTheCalendar) {
  const int64_t end = 253402300799999999;
  EXPECT_EQ(ReasonOf(CheckTime(Hourly(), std::nullopt, end).status()),
            "time_out_of_range");
}

TEST(ObservationCheckTest, TimesOfBothEndsOfTheCalendarCanFollow) {
  FeatureSpec spec = Hourly();
  spec.interval = std::chrono::microseconds(1);
  EXPECT_EQ(
      ReasonOf(
          CheckTime(spec, 253402300799999999, -62135596800000000).status()),
      "time_gap");
  EXPECT_EQ(
      ReasonOf(
          CheckTime(spec, -62135596800000000, 253402300799999999).status()),
      "time_late");
}

Features WithKnown() {
  FeatureSpec spec = Hourly();
  spec.targets = {0};
  spec.output_scale = {1.0};
  spec.columns.push_back({.name = "holiday", .known_ahead = true});
  spec.columns.push_back({.name = "planned", .known_ahead = true});
  return *Features::Create(spec);
}

TEST(ObservationCheckTest, TakesKnownValuesForAllStepsOrNone) {
  EXPECT_TRUE(WithKnown().CheckKnown(3, {}, "etth1").ok());
  EXPECT_TRUE(WithKnown().CheckKnown(3, std::vector<double>(6), "etth1").ok());
  ExpectRefused(
      WithKnown().CheckKnown(3, std::vector<double>(5), "etth1"), "wrong_known",
      "known has 5 values; model \"etth1\" expects 3 steps x 2 inputs known "
      "ahead");
}

TEST(ObservationCheckTest, NamesTheStepAndColumnOfABadKnownValue) {
  for (double bad : {kNaN, kInfinity}) {
    const std::vector<double> known = {0, 0, 0, bad, 0, 0};
    const absl::Status status = WithKnown().CheckKnown(3, known, "etth1");
    EXPECT_EQ(ReasonOf(status), "wrong_known");
    EXPECT_THAT(std::string(status.message()),
                HasSubstr("column \"planned\" for step 2 is "));
    EXPECT_THAT(DetailsOf(status), ElementsAre(Pair("column", "planned")));
  }
}

TEST(ObservationCheckTest, AModelWithoutKnownInputsTakesNone) {
  const Features features = *Features::Create(Hourly());
  EXPECT_TRUE(features.CheckKnown(3, {}, "etth1").ok());
  const absl::Status status =
      features.CheckKnown(3, std::vector<double>(3), "etth1");
  ExpectRefused(status, "wrong_known",
                "known has 3 values; model \"etth1\" has no inputs known "
                "ahead");
  EXPECT_THAT(DetailsOf(status), IsEmpty());
}

}  // namespace
}  // namespace recur
