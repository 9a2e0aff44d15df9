// How connections follow each other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/replay/replay.h"
#include "client/replay/verdict.h"
#include "model/spec/error_reason.h"
#include "tests/unit/client/replay/replay_fixture.h"

namespace recur::client {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::SizeIs;
using EventKind = Replay::Event::Kind;

class ReplayConnectionTest : public ReplayTest {};

class FewStepsAheadTest : public ReplayTest {
 protected:
  FewStepsAheadTest() : ReplayTest({.max_steps_ahead = 4}) {}
};

TEST_F(ReplayConnectionTest, ASilentConnectionIsGivenUp) {
  AttachLive(1);
  EXPECT_FALSE(replay_.NextTick().has_value());  // nothing is awaited
  now_ += milliseconds(60'000);
  Push(1, 1);
  Written();
  EXPECT_EQ(replay_.NextTick(), now_ + milliseconds(5'000));
  now_ += milliseconds(4'999);
  EXPECT_TRUE(replay_.Tick(now_).ok());
  now_ += milliseconds(1);
  EXPECT_EQ(replay_.Tick(now_).code(), absl::StatusCode::kUnavailable);
}

// All may be answered, and its caller wait for room that only comes with what
// becomes durable: a server that is stopped just then must not stop it.
TEST_F(ReplayConnectionTest, SilenceCountsAsLongAsWhatIsAnsweredIsNotSafe) {
  AttachLive(1, /*durable=*/true);
  Push(1, 1);
  Written();
  EXPECT_EQ(Reply(0, {}, 0), 1u);
  EXPECT_EQ(replay_.NextTick(), now_ + milliseconds(5'000));
  now_ += milliseconds(5'000);
  EXPECT_EQ(replay_.Tick(now_).code(), absl::StatusCode::kUnavailable);
  replay_.OnDurable(1, 1, now_);
  EXPECT_FALSE(replay_.NextTick().has_value());
  EXPECT_TRUE(replay_.Tick(now_).ok());
}

TEST_F(ReplayConnectionTest, GivesUpOnceNothingHasComeOfItForTheBudget) {
  AttachLive(1);
  Push(1, 1);
  int attempts = 0;
  // It lets itself be attached to every time, and dies of the item.
  for (; attempts < 1'000; ++attempts) {
    const auto pause = Lost(absl::InternalError("rst"));
    if (!pause.has_value()) break;
    now_ += *pause;
    replay_.Connected(now_);
    Written();
    Attached(1);
    Written();
  }
  EXPECT_LT(attempts, 20);
  EXPECT_LE(now_ - Replay::TimePoint(), milliseconds(10'000));
  replay_.End(absl::InternalError("rst"));
  const auto events = replay_.TakeEvents();
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events[0].kind, EventKind::kAnswerless);
  EXPECT_TRUE(replay_.idle());
}

TEST_F(ReplayConnectionTest,
       TheMoreConnectionsAreLostInVainTheLessGoesOutOnTheNext) {
  AttachLive(1);
  for (uint64_t step = 1; step <= 1'000; ++step) Push(1, step);
  EXPECT_THAT(Written(), SizeIs(1'000));
  for (size_t window : {128, 64, 32, 16, 8, 4, 2, 1, 1}) {
    now_ += *Lost(absl::InternalError("rst"));
    replay_.Connected(now_);
    Written();
    Attached(1);
    EXPECT_THAT(Written(), SizeIs(window));
  }
  // And every answer lets two more follow.
  EXPECT_EQ(Reply(0), 1u);
  EXPECT_THAT(Written(), ElementsAre("1:2", "1:3"));
  EXPECT_EQ(Reply(1), 2u);
  EXPECT_THAT(Written(), ElementsAre("1:4", "1:5"));
}

TEST_F(FewStepsAheadTest, OnlySoManyStepsOfASessionAreUnderWayAtOnce) {
  AttachLive(1);
  AttachLive(2);
  for (uint64_t step = 1; step <= 6; ++step) Push(1, step);
  replay_.Push(1, {.number = 7, .first_step = 7, .steps = 9});
  replay_.Push(1, {.number = 16, .first_step = 16});
  Push(2, 1);
  EXPECT_THAT(Written(), ElementsAre("1:1", "2:1", "1:2", "1:3", "1:4"));
  EXPECT_EQ(Reply(0), 1u);
  EXPECT_THAT(Written(), ElementsAre("1:5"));
  Reconnect();
  Written();
  Attached(1, false, 6);
  EXPECT_THAT(Written(), ElementsAre("1:2", "1:3", "1:4", "1:5"));
  for (uint64_t item = 0; item < 4; ++item) EXPECT_EQ(Reply(item), item + 2);
  EXPECT_THAT(Written(), ElementsAre("1:6"));
  EXPECT_EQ(Reply(4), 6u);
  EXPECT_THAT(Written(), ElementsAre("1:7"));  // too large, and so alone
  EXPECT_EQ(Reply(5), 7u);
  EXPECT_THAT(Written(), ElementsAre("1:16"));
}

TEST_F(ReplayConnectionTest,
       AnIdleConnectionThatIsClosedNowAndThenIsNoReasonToGiveUp) {
  AttachLive(1);
  for (int i = 0; i < 1'000; ++i) {
    now_ += milliseconds(60'000);
    const auto pause = Lost(absl::OkStatus());
    ASSERT_TRUE(pause.has_value());
    now_ += *pause;
    replay_.Connected(now_);
    Written();
    Attached(1);
  }
}

TEST_F(ReplayConnectionTest, AStreamThatIsRefusedIsNotTriedAgain) {
  EXPECT_FALSE(
      Lost(Said(absl::StatusCode::kInvalidArgument, "too_many_items")));
}

TEST_F(ReplayConnectionTest, AnAnswerToWhatWasNotAskedBreaksTheProtocol) {
  AttachLive(1);
  EXPECT_EQ(ReasonOf(replay_.OnReply({.item = 3}, now_, 0).status()),
            "protocol_broken");
  EXPECT_EQ(ReasonOf(replay_.OnAttached({.handle = 1}, now_, 0)),
            "protocol_broken");
  EXPECT_EQ(JudgeEnd(replay_.OnReply({.item = 3}, now_, 0).status()),
            Verdict::kRefused);
}

}  // namespace
}  // namespace recur::client
