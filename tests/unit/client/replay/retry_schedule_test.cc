#include "client/replay/retry_schedule.h"

#include <gtest/gtest.h>

#include "model/spec/error_reason.h"

namespace recur::client {
namespace {

using std::chrono::milliseconds;
using TimePoint = RetrySchedule::TimePoint;

const absl::Status kLost = absl::UnavailableError("connection refused");

TEST(RetryScheduleTest, PausesDoubleUpToTheLongest) {
  RetrySchedule schedule({.initial = milliseconds(100),
                          .max = milliseconds(400),
                          .budget = milliseconds(60'000)},
                         TimePoint());
  std::vector<double> pauses;
  for (int i = 0; i < 5; ++i) {
    pauses.push_back(
        std::chrono::duration<double, std::milli>(
            *schedule.NextPause(kLost, TimePoint(), /*chance=*/1.0))
            .count());
  }
  EXPECT_EQ(pauses, (std::vector<double>{100, 200, 400, 400, 400}));
  EXPECT_EQ(schedule.attempts(), 5);
}

TEST(RetryScheduleTest, ChanceDrawsFromTheUpperHalf) {
  const RetryOptions options{.initial = milliseconds(100)};
  RetrySchedule low(options, TimePoint());
  RetrySchedule high(options, TimePoint());
  EXPECT_EQ(low.NextPause(kLost, TimePoint(), 0.0), milliseconds(50));
  EXPECT_EQ(high.NextPause(kLost, TimePoint(), 1.0), milliseconds(100));
}

TEST(RetryScheduleTest, GivesUpWhenTheNextAttemptWouldBeTooLate) {
  RetrySchedule schedule(
      {.initial = milliseconds(100), .budget = milliseconds(1'000)},
      TimePoint());
  EXPECT_TRUE(schedule.NextPause(kLost, TimePoint() + milliseconds(800), 1.0));
  EXPECT_FALSE(schedule.NextPause(kLost, TimePoint() + milliseconds(850), 1.0));
}

TEST(RetryScheduleTest, WithoutABudgetThereIsOneAttempt) {
  RetrySchedule schedule({.budget = milliseconds(0)}, TimePoint());
  EXPECT_FALSE(schedule.NextPause(kLost, TimePoint(), 0.0));
}

TEST(RetryScheduleTest, WaitsAsLongAsTheServerAsks) {
  absl::Status full = ErrorWithReason(absl::StatusCode::kResourceExhausted,
                                      "sessions_full", "full");
  SetDetail(&full, "retry_delay_ms", "700");
  RetrySchedule schedule({.initial = milliseconds(100)}, TimePoint());
  EXPECT_EQ(schedule.NextPause(full, TimePoint(), 0.0), milliseconds(700));
}

TEST(RetryScheduleTest, AfterASuccessTheNextFailureIsAFirstOne) {
  RetrySchedule schedule(
      {.initial = milliseconds(100), .budget = milliseconds(1'000)},
      TimePoint());
  schedule.NextPause(kLost, TimePoint(), 1.0);
  schedule.NextPause(kLost, TimePoint() + milliseconds(500), 1.0);
  schedule.Succeed();
  EXPECT_EQ(schedule.attempts(), 0);
  const TimePoint later = TimePoint() + milliseconds(60'000);
  EXPECT_EQ(schedule.NextPause(kLost, later, 1.0), milliseconds(100));
  EXPECT_TRUE(schedule.NextPause(kLost, later + milliseconds(800), 1.0));
  EXPECT_FALSE(schedule.NextPause(kLost, later + milliseconds(950), 1.0));
}

TEST(RetryScheduleTest, ABurstThatOnlySeemsToSucceedIsSlowedDown) {
  RetrySchedule schedule(
      {.initial = milliseconds(10), .burst = 3, .refill = milliseconds(1'000)},
      TimePoint());
  std::vector<RetrySchedule::Duration> pauses;
  for (int i = 0; i < 5; ++i) {
    pauses.push_back(*schedule.NextPause(kLost, TimePoint(), 1.0));
    schedule.Succeed();
  }
  EXPECT_EQ(pauses, (std::vector<RetrySchedule::Duration>{
                        milliseconds(10), milliseconds(10), milliseconds(10),
                        milliseconds(1'000), milliseconds(2'000)}));
  const TimePoint later = TimePoint() + milliseconds(60'000);
  EXPECT_EQ(schedule.NextPause(kLost, later, 1.0), milliseconds(10));
}

TEST(RetryScheduleTest, RefusesOptionsThatCannotWork) {
  EXPECT_TRUE(CheckRetryOptions({}).ok());
  EXPECT_TRUE(CheckRetryOptions({.budget = milliseconds(0)}).ok());
  EXPECT_FALSE(CheckRetryOptions({.initial = milliseconds(0)}).ok());
  EXPECT_FALSE(CheckRetryOptions({.max = milliseconds(1)}).ok());
  EXPECT_FALSE(CheckRetryOptions({.burst = 0}).ok());
  EXPECT_FALSE(CheckRetryOptions({.refill = milliseconds(0)}).ok());
}

}  // namespace
}  // namespace recur::client
