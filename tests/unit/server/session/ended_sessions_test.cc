#include "server/session/ended_sessions.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "model/spec/error_reason.h"

namespace recur {
namespace {

TEST(EndedSessionsTest, RemembersTheNewest) {
  EndedSessions ended(3);
  for (int i = 0; i < 5; ++i) {
    ended.Add(absl::StrCat("s", i), {EndReason::kExpired, 7});
  }
  EXPECT_EQ(ended.size(), 3u);
  EXPECT_EQ(ended.Find("s1"), nullptr);
  ASSERT_NE(ended.Find("s2"), nullptr);
  EXPECT_EQ(ended.Find("s2")->applied_step, 7u);
}

TEST(EndedSessionsTest, KeepsTheNewestEndOfAnIdThatLivedTwice) {
  EndedSessions ended(2);
  ended.Add("a", {EndReason::kExpired, 1});
  ended.Forget("a");
  EXPECT_EQ(ended.Find("a"), nullptr);
  ended.Add("a", {EndReason::kClosed, 2});
  ended.Add("b", {EndReason::kClosed, 3});
  ASSERT_NE(ended.Find("a"), nullptr);
  EXPECT_EQ(ended.Find("a")->reason, EndReason::kClosed);
}

TEST(EndedSessionsTest, StaysBoundedUnderAnyNumberOfEnds) {
  EndedSessions ended(10);
  for (int i = 0; i < 10000; ++i) {
    ended.Add(absl::StrCat("s", i % 25), {EndReason::kClosed, 1});
    if (i % 3 == 0) ended.Forget(absl::StrCat("s", i % 7));
    ASSERT_LE(ended.size(), 10u);
  }
}

TEST(EndedSessionsTest, SaysHowASessionEnded) {
  const EndedSession expired{EndReason::kExpired, 12};
  const absl::Status status = SessionNotFound("pump-1", &expired);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(status), "session_expired");
  EXPECT_EQ(status.message(),
            "session \"pump-1\" was idle beyond its time to live and has "
            "expired");
  EXPECT_EQ(ReasonOf(SessionNotFound("x", nullptr)), "session_unknown");
}

}  // namespace
}  // namespace recur
