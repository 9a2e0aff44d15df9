#include "client/replay/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/spec/error_reason.h"
#include "tests/unit/client/replay/replay_fixture.h"

namespace recur::client {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using EventKind = Replay::Event::Kind;
using Kind = Replay::Outgoing::Kind;

const absl::Status kFull = [] {
  absl::Status status =
      Said(absl::StatusCode::kResourceExhausted, "queue_full");
  SetDetail(&status, "retry_delay_ms", "700");
  return status;
}();
const absl::Status kLostSession =
    Said(absl::StatusCode::kNotFound, "session_lost");
const absl::Status kMoved =
    Said(absl::StatusCode::kUnavailable, "session_moved");
const absl::Status kGap =
    Said(absl::StatusCode::kFailedPrecondition, "step_gap");

TEST_F(ReplayTest, ItemsFollowTheAnswerToTheirAttach) {
  replay_.Attach(1, "s1", 4);
  Push(1, 5);
  const auto attach = replay_.Next(now_);
  ASSERT_TRUE(attach.has_value());
  EXPECT_EQ(attach->kind, Kind::kAttach);
  EXPECT_EQ(*attach->session_id, "s1");
  EXPECT_EQ(attach->acknowledged_step, 4u);
  EXPECT_THAT(Written(), IsEmpty());
  Attached(1, false, 5);
  const auto events = replay_.TakeEvents();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].kind, EventKind::kAttached);
  EXPECT_THAT(Written(), ElementsAre("1:5"));
  EXPECT_FALSE(replay_.idle());
  EXPECT_EQ(Reply(0), 5u);
  EXPECT_TRUE(replay_.idle());
}

TEST_F(ReplayTest, SessionsTakeTurns) {
  AttachLive(1);
  AttachLive(2);
  for (uint64_t step : {1, 2}) Push(1, step);
  for (uint64_t step : {1, 2}) Push(2, step);
  EXPECT_THAT(Written(), ElementsAre("1:1", "2:1", "1:2", "2:2"));
}

TEST_F(ReplayTest, AfterAReconnectItAttachesAndSendsWhatIsNotAnswered) {
  AttachLive(1);
  for (uint64_t step : {1, 2, 3}) Push(1, step);
  Written();
  EXPECT_EQ(Reply(0), 1u);
  Reconnect();
  const auto attach = replay_.Next(now_);
  EXPECT_EQ(attach->acknowledged_step, 1u);
  Attached(1, false, 3);  // it had step 2, whose answer got lost
  EXPECT_THAT(Written(), ElementsAre("1:2", "1:3"));
  EXPECT_EQ(Reply(0), 2u);
  EXPECT_EQ(Reply(1), 3u);
  EXPECT_THAT(replay_.TakeEvents(), IsEmpty());
}

TEST_F(ReplayTest, AServerThatLostWhatWasNotDurableGetsItAgain) {
  AttachLive(1, /*durable=*/true);
  for (uint64_t step : {1, 2, 3}) Push(1, step);
  Written();
  EXPECT_EQ(Reply(0, {}, 0), 1u);
  EXPECT_EQ(Reply(1, {}, 1), 2u);
  Reconnect();
  EXPECT_EQ(replay_.Next(now_)->acknowledged_step, 1u);
  Attached(1, true, 2, 1);
  EXPECT_THAT(Written(), ElementsAre("1:2", "1:3"));
  EXPECT_EQ(Reply(0, {}, 1), std::nullopt);  // told before
  EXPECT_EQ(Reply(1, {}, 3), 3u);
  EXPECT_TRUE(replay_.idle());
}

TEST_F(ReplayTest, ASessionThatIsLostFailsAloneAndSaysWhy) {
  AttachLive(1);
  AttachLive(2);
  Push(1, 1);
  Push(2, 1);
  Reconnect();
  EXPECT_THAT(Written(), ElementsAre("a1", "a2"));
  RefuseAttach(1, kLostSession);
  Attached(2);
  const auto events = replay_.TakeEvents();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].kind, EventKind::kAnswerless);
  EXPECT_EQ(events[0].number, 1u);
  EXPECT_EQ(events[1].kind, EventKind::kSessionOver);
  EXPECT_EQ(events[1].status, kLostSession);
  EXPECT_EQ(replay_.CheckHandle(1), kLostSession);
  EXPECT_THAT(Written(), ElementsAre("2:1"));
  Reconnect();
  EXPECT_THAT(Written(), ElementsAre("a2"));  // and never begun anew
  replay_.Detach(1);
  EXPECT_EQ(replay_.CheckHandle(1).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ReplayTest, AServerBehindWhatWasAcknowledgedEndsTheSession) {
  AttachLive(1);
  Push(1, 1);
  Written();
  Reply(0);
  Reconnect();
  Written();
  Attached(1, false, /*resume_step=*/1);
  const auto events = replay_.TakeEvents();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].kind, EventKind::kSessionOver);
  EXPECT_EQ(ReasonOf(events[0].status), "session_behind");
}

TEST_F(ReplayTest, AFullServerIsAskedAgainAfterTheDelayItAsksFor) {
  AttachLive(1);
  for (uint64_t step : {1, 2}) Push(1, step);
  Written();
  EXPECT_EQ(Reply(0, kFull), std::nullopt);
  EXPECT_EQ(Reply(1, kGap), std::nullopt);  // only for lack of the first
  EXPECT_EQ(replay_.NextTick(), now_ + milliseconds(700));
  now_ += milliseconds(699);
  EXPECT_TRUE(replay_.Tick(now_).ok());
  EXPECT_THAT(Written(), IsEmpty());
  now_ += milliseconds(1);
  EXPECT_TRUE(replay_.Tick(now_).ok());
  EXPECT_THAT(Written(), ElementsAre("a1"));
  Attached(1);
  EXPECT_THAT(Written(), ElementsAre("1:1", "1:2"));
  EXPECT_EQ(Reply(2), 1u);
  EXPECT_EQ(Reply(3), 2u);
}

TEST_F(ReplayTest, AServerThatStaysFullEndsTheSessionWithTheLastError) {
  AttachLive(1);
  Push(1, 1);
  Written();
  EXPECT_EQ(Reply(0, kFull), std::nullopt);
  for (int i = 0; i < 100 && replay_.CheckHandle(1).ok(); ++i) {
    now_ += milliseconds(1'500);
    EXPECT_TRUE(replay_.Tick(now_).ok());
    Written();
    RefuseAttach(1, kFull);
  }
  EXPECT_EQ(replay_.CheckHandle(1), kFull);
  EXPECT_EQ(replay_.TakeEvents()[0].kind, EventKind::kAnswerless);
}

TEST_F(ReplayTest, AWrongItemGetsItsErrorAsItsAnswer) {
  AttachLive(1);
  Push(1, 5);
  Written();
  EXPECT_EQ(Reply(0, kGap), 5u);
  EXPECT_TRUE(replay_.idle());
  EXPECT_TRUE(replay_.CheckHandle(1).ok());
}

TEST_F(ReplayTest, AnErrorForWhatWasAnsweredEndsTheSession) {
  AttachLive(1, /*durable=*/true);
  Push(1, 1);
  Written();
  EXPECT_EQ(Reply(0), 1u);
  Reconnect();
  Written();
  Attached(1, true, 1, 0);
  EXPECT_THAT(Written(), ElementsAre("1:1"));
  const absl::Status changed =
      Said(absl::StatusCode::kFailedPrecondition, "step_changed");
  EXPECT_EQ(Reply(0, changed), std::nullopt);
  EXPECT_EQ(replay_.CheckHandle(1), changed);
}

TEST_F(ReplayTest, AfterAGoAwayNothingMoreGoesOut) {
  AttachLive(1);
  Push(1, 1);
  Written();
  replay_.Leave(now_);
  EXPECT_TRUE(replay_.leaving());
  Push(1, 2);
  EXPECT_THAT(Written(), IsEmpty());
  EXPECT_EQ(Reply(0), 1u);  // what was under way is answered
  EXPECT_TRUE(Lost(Said(absl::StatusCode::kUnavailable, "draining")));
  replay_.Connected(now_);
  EXPECT_FALSE(replay_.leaving());
  EXPECT_THAT(Written(), ElementsAre("a1"));
  Attached(1, false, 2);
  EXPECT_THAT(Written(), ElementsAre("1:2"));
}

TEST_F(ReplayTest, ASessionThatMovedIsAttachedAgainAndTheOthersStay) {
  AttachLive(1);
  AttachLive(2);
  Push(1, 1);
  Push(2, 1);
  Written();
  EXPECT_EQ(Reply(0, kMoved), std::nullopt);
  EXPECT_FALSE(replay_.leaving());
  EXPECT_TRUE(replay_.CheckHandle(1).ok());
  EXPECT_TRUE(Reply(1).has_value());
  now_ += milliseconds(1'500);
  EXPECT_TRUE(replay_.Tick(now_).ok());
  EXPECT_THAT(Written(), ElementsAre("a1"));
  Attached(1);
  EXPECT_THAT(Written(), ElementsAre("1:1"));
}

TEST_F(ReplayTest, WhatBecameDurableIsToldOnceAndForgotten) {
  AttachLive(1, /*durable=*/true);
  Push(1, 1);
  Written();
  Reply(0, {}, 0);
  EXPECT_EQ(replay_.totals().items, 1u);
  replay_.OnDurable(1, 1, now_);
  replay_.OnDurable(1, 1, now_);
  replay_.OnDurable(9, 1, now_);
  const auto events = replay_.TakeEvents();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].kind, EventKind::kDurable);
  EXPECT_EQ(events[0].step, 1u);
  EXPECT_EQ(replay_.totals().items, 0u);
}

TEST_F(ReplayTest, WhatAnAttachSaysIsDurableIsToldToo) {
  AttachLive(1, /*durable=*/true);
  Push(1, 1);
  Written();
  Reply(0, {}, 0);
  Reconnect();
  Written();
  Attached(1, true, 2, 1);
  const auto events = replay_.TakeEvents();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].kind, EventKind::kDurable);
  EXPECT_TRUE(replay_.idle());
}

TEST_F(ReplayTest, ADetachFollowsWhatIsKept) {
  AttachLive(1);
  Push(1, 1);
  replay_.Detach(1);
  EXPECT_FALSE(replay_.CheckHandle(1).ok());
  EXPECT_THAT(Written(), ElementsAre("1:1"));
  Reply(0);
  EXPECT_THAT(Written(), ElementsAre("d1"));
  Reconnect();
  EXPECT_THAT(Written(), IsEmpty());
}

}  // namespace
}  // namespace recur::client
