#include "client/sdk/retry_schedule.h"

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

TEST(RetryScheduleTest, OnlyPassingErrorsAreTriedAgain) {
  EXPECT_TRUE(IsRetryable(kLost));
  EXPECT_TRUE(IsRetryable(
      ErrorWithReason(absl::StatusCode::kUnavailable, "draining", "leaving")));
  EXPECT_FALSE(IsRetryable(ErrorWithReason(absl::StatusCode::kUnavailable,
                                           "session_moved", "moved")));
  EXPECT_FALSE(IsRetryable(
      ErrorWithReason(absl::StatusCode::kNotFound, "session_unknown", "none")));
  EXPECT_FALSE(IsRetryable(absl::DeadlineExceededError("late")));
  EXPECT_FALSE(IsRetryable(absl::ResourceExhaustedError("message too large")));
  EXPECT_FALSE(IsRetryable(absl::OkStatus()));
}

}  // namespace
}  // namespace recur::client
