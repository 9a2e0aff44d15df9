// Sessions that leave memory for the store, and come back.

#include "tests/unit/server/core/durable_fixture.h"

namespace recur {
namespace {

class SpillTest : public DurableTest {};

TEST_F(SpillTest, SpillsIdleSessionsAndBringsThemBack) {
  lane_options_.spill_after = std::chrono::seconds(60);
  Crash();
  ASSERT_TRUE(Open("a").ok());
  ASSERT_TRUE(Open("b").ok());
  Step("a", 1, 3);
  Step("b", 1, 4);
  server_->Settle();
  Advance(std::chrono::seconds(100));
  Step("b", 2, 5);  // not stored yet
  server_->lanes.Housekeep();
  EXPECT_EQ(Count(&LaneStats::sessions_spilled), 1);
  EXPECT_EQ(Count(&LaneStats::sessions_live), 1);
  const auto next = Step("a", 2, 4);
  server_->Settle();
  EXPECT_EQ(SumOf(*next), 7);
}

TEST_F(SpillTest, ASupersededVersionIsInMemoryOnceAndOnlyWhileItIsUsed) {
  lane_options_.spill_after = std::chrono::seconds(60);
  Crash();
  ASSERT_TRUE(Open("a").ok());
  ASSERT_TRUE(Open("b").ok());
  server_->Settle();
  ASSERT_TRUE(WriteModel(AccumulatorModel(1), root_.path() / "sum" / "2").ok());
  EXPECT_EQ(repository_->Poll(), 1);
  Advance(std::chrono::seconds(100));
  Step("b", 1, 5);  // not stored yet
  server_->lanes.Housekeep();
  EXPECT_EQ(Count(&LaneStats::sessions_spilled), 1);
  EXPECT_EQ(Get("a")->model, Get("b")->model);
  EXPECT_EQ(repository_->stats().loads_ok, 2);
  Advance(std::chrono::seconds(100));
  server_->lanes.Housekeep();
  EXPECT_EQ(Count(&LaneStats::sessions_live), 0);
  EXPECT_EQ(repository_->List().size(), 1u);
  EXPECT_EQ(Get("a")->model->version, 1);
  EXPECT_EQ(Get("a")->model, Get("b")->model);
  EXPECT_EQ(repository_->stats().loads_ok, 3);
}

TEST_F(SpillTest, AForecastBeyondTheHorizonBringsASessionBackToo) {
  ASSERT_TRUE(Open("a").ok());
  Step("a", 1, 3);
  server_->Settle();
  Crash();
  Reply<ForecastResult> reply;
  server_->service.ForecastSession({.session_id = "a", .horizon = 3},
                                   reply.Take());
  server_->Settle();
  ASSERT_TRUE(reply.Get().ok()) << reply.Get().status();
  EXPECT_EQ(reply.Get()->forecast.point, (std::vector<double>{3, 6, 12}));
  EXPECT_EQ(reply.Get()->applied_step, 1u);
  EXPECT_EQ(reply.Get()->durable_step, 1u);
}

TEST_F(SpillTest, NeverSpillsWhatTheStoreHasNot) {
  lane_options_.spill_after = std::chrono::seconds(60);
  Crash();
  ASSERT_TRUE(Open("a").ok());
  store_.down = true;
  Step("a", 1, 3);
  server_->Settle();
  Advance(std::chrono::seconds(100));
  server_->lanes.Housekeep();
  EXPECT_EQ(Count(&LaneStats::sessions_spilled), 0);
  store_.down = false;
  const auto next = Step("a", 2, 4);
  server_->Settle();
  EXPECT_EQ(SumOf(*next), 7);
}

TEST_F(SpillTest, FullMemorySpillsBeforeItRefuses) {
  lane_options_.sessions.max_sessions = 4;
  Crash();
  for (int i = 0; i < 40; ++i) {
    const std::string id = absl::StrCat("s", i);
    ASSERT_TRUE(Open(id).ok()) << i;
    Step(id, 1, i);
    server_->Settle();
    Advance(std::chrono::seconds(2));
  }
  for (int i = 0; i < 40; ++i) {
    const auto next = Step(absl::StrCat("s", i), 2, 1);
    Advance(std::chrono::seconds(2));
    server_->Settle();
    EXPECT_EQ(SumOf(*next), i + 1) << i;
  }
}

TEST_F(SpillTest, RefusesWhenNothingMayBeSpilled) {
  lane_options_.sessions.max_sessions = 4;
  Crash();
  std::vector<SessionInfo> held;
  int refused = 0;
  for (int i = 0; i < 20; ++i) {
    auto info = Open(absl::StrCat("s", i));
    Advance(std::chrono::seconds(2));
    if (info.ok()) {
      held.push_back(*std::move(info));
    } else {
      EXPECT_EQ(Reason(info), "too_many_sessions");
      ++refused;
    }
  }
  EXPECT_EQ(held.size(), 8u);
  EXPECT_EQ(refused, 12);
}

}  // namespace
}  // namespace recur
