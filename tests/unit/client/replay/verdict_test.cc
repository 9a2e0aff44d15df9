#include "client/replay/verdict.h"

#include <gtest/gtest.h>

#include <string>

#include "model/spec/error_reason.h"

namespace recur::client {
namespace {

using absl::StatusCode;

absl::Status Said(StatusCode code, const std::string& reason) {
  return ErrorWithReason(code, reason, reason);
}

absl::Status Later(StatusCode code, const std::string& reason) {
  absl::Status status = Said(code, reason);
  SetDetail(&status, "retry_delay_ms", "700");
  return status;
}

TEST(VerdictTest, AStreamThatEndsWithoutAReasonIsResumedWhateverItsCode) {
  EXPECT_EQ(JudgeEnd(absl::OkStatus()), Verdict::kElsewhere);
  for (int code = 1; code <= 16; ++code) {
    EXPECT_EQ(JudgeEnd(absl::Status(static_cast<StatusCode>(code), "gone")),
              Verdict::kElsewhere)
        << code;
  }
}

TEST(VerdictTest, AServerThatLeavesIsLeft) {
  const absl::Status status = Said(StatusCode::kUnavailable, "draining");
  EXPECT_EQ(JudgeEnd(status), Verdict::kElsewhere);
  EXPECT_EQ(JudgeAnswer(status), Verdict::kElsewhere);
  EXPECT_TRUE(IsRetryable(status));
}

TEST(VerdictTest, ASessionThatMovedIsTriedAgainWhereItWas) {
  const absl::Status status = Said(StatusCode::kUnavailable, "session_moved");
  EXPECT_EQ(JudgeAnswer(status), Verdict::kTryLater);
  EXPECT_TRUE(IsRetryable(status));
}

TEST(VerdictTest, WhatPassesIsTriedLater) {
  EXPECT_EQ(JudgeAnswer(Later(StatusCode::kResourceExhausted, "queue_full")),
            Verdict::kTryLater);
  EXPECT_EQ(JudgeAnswer(Said(StatusCode::kUnavailable, "model_not_ready")),
            Verdict::kTryLater);
  EXPECT_EQ(JudgeEnd(Later(StatusCode::kResourceExhausted, "too_many_streams")),
            Verdict::kTryLater);
}

TEST(VerdictTest, ASessionThatIsGoneIsOver) {
  for (const char* reason : {"session_unknown", "session_expired",
                             "session_closed", "session_lost"}) {
    const absl::Status status = Said(StatusCode::kNotFound, reason);
    EXPECT_EQ(JudgeAnswer(status), Verdict::kSessionOver) << reason;
    EXPECT_FALSE(IsRetryable(status)) << reason;
  }
  EXPECT_EQ(JudgeAnswer(Said(StatusCode::kInternal, "session_lost")),
            Verdict::kSessionOver);
  EXPECT_EQ(
      JudgeAnswer(Said(StatusCode::kFailedPrecondition, "session_behind")),
      Verdict::kSessionOver);
  EXPECT_EQ(JudgeAnswer(Said(StatusCode::kUnavailable, "model_missing")),
            Verdict::kSessionOver);
}

TEST(VerdictTest, OtherErrorsAreTheAnswer) {
  EXPECT_EQ(JudgeAnswer(Said(StatusCode::kFailedPrecondition, "step_gap")),
            Verdict::kRefused);
  EXPECT_EQ(JudgeAnswer(Said(StatusCode::kInvalidArgument, "wrong_width")),
            Verdict::kRefused);
  EXPECT_EQ(JudgeAnswer(absl::NotFoundError("of a foreign server")),
            Verdict::kRefused);
  // A stream holds its handles itself; they do not become fewer by waiting.
  EXPECT_EQ(
      JudgeAnswer(Later(StatusCode::kResourceExhausted, "too_many_handles")),
      Verdict::kRefused);
  EXPECT_EQ(JudgeEnd(Said(StatusCode::kInvalidArgument, "too_many_items")),
            Verdict::kRefused);
}

TEST(VerdictTest, ACallIsTriedAgainOnWhatADyingServerLooksLike) {
  EXPECT_TRUE(IsRetryable(absl::UnavailableError("connection refused")));
  EXPECT_TRUE(IsRetryable(absl::InternalError("RST_STREAM")));
  EXPECT_TRUE(IsRetryable(absl::CancelledError("")));
  EXPECT_TRUE(IsRetryable(absl::UnknownError("HTTP 500")));
  EXPECT_TRUE(IsRetryable(Later(StatusCode::kResourceExhausted, "queue_full")));
  EXPECT_FALSE(IsRetryable(absl::DeadlineExceededError("late")));
  EXPECT_FALSE(IsRetryable(absl::ResourceExhaustedError("message too large")));
  EXPECT_FALSE(IsRetryable(absl::UnimplementedError("404")));
  EXPECT_FALSE(IsRetryable(Said(StatusCode::kInternal, "internal")));
  EXPECT_FALSE(IsRetryable(absl::OkStatus()));
}

TEST(VerdictTest, TheServersDelayIsReadInMilliseconds) {
  EXPECT_EQ(RetryDelay(Later(StatusCode::kResourceExhausted, "queue_full")),
            std::chrono::milliseconds(700));
  EXPECT_FALSE(RetryDelay(absl::UnavailableError("gone")).has_value());
}

}  // namespace
}  // namespace recur::client
