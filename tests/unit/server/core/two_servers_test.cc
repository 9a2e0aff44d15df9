// Two servers on one store: the latest owner alone goes on.

#include "tests/unit/server/core/durable_fixture.h"

namespace recur {
namespace {

class TwoServersTest : public DurableTest {
 protected:
  TwoServersTest() { other_ = MakeServer(); }

  std::shared_ptr<ItemBatch> StepOn(TestServer* server, SessionPtr session,
                                    uint64_t step, double value) {
    return Submit(server,
                  {.session = std::move(session),
                   .first_step = step,
                   .steps = 1,
                   .want = Want::kForecast},
                  {value});
  }
};

TEST_F(TwoServersTest, FencesTheOneThatASessionWasTakenFrom) {
  const auto here = Open("a");
  EXPECT_EQ(SumOf(*StepOn(server_.get(), here->record, 1, 3)), 3);
  server_->Settle();
  const auto there = Get(other_.get(), "a");
  ASSERT_TRUE(there.ok()) << there.status();
  EXPECT_EQ(there->applied_step, 1u);
  EXPECT_EQ(SumOf(*StepOn(other_.get(), there->record, 2, 4)), 7);
  other_->Settle();

  // It does not know yet.
  EXPECT_EQ(SumOf(*StepOn(server_.get(), here->record, 2, 100)), 103);
  Advance(std::chrono::milliseconds(50));
  server_->Settle();
  EXPECT_EQ(server_->driver.stats().rows_fenced.value(), 1);
  EXPECT_EQ(ReasonOfItem(*StepOn(server_.get(), here->record, 3, 1)),
            "session_moved");
  const auto read = Submit(
      server_.get(), {.session = here->record, .want = Want::kForecast}, {});
  EXPECT_EQ(ReasonOfItem(*read), "session_moved");
  EXPECT_EQ(store_.Row("a").step, 2u);

  const auto again = Get("a");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->applied_step, 2u);
  EXPECT_EQ(ReasonOfItem(*StepOn(server_.get(), here->record, 3, 1)),
            "session_moved")
      << "attached before it moved";
  EXPECT_EQ(SumOf(*StepOn(server_.get(), again->record, 3, 1)), 8);
}

TEST_F(TwoServersTest, WhoWaitsIsToldThatTheSessionMoved) {
  const auto here = Open("a");
  ASSERT_TRUE(Get(other_.get(), "a").ok());
  auto waits =
      Batch({.session = here->record, .first_step = 1, .steps = 1}, {3});
  waits->wait_durable = true;
  server_->service.Submit(waits);
  server_->Settle();
  EXPECT_EQ(ReasonOfItem(*waits), "session_moved");
  EXPECT_EQ(store_.Row("a").step, 0u);
}

TEST_F(TwoServersTest, AReadFindsOutThatTheSessionMoved) {
  const auto here = Open("a");
  ASSERT_TRUE(Get(other_.get(), "a").ok());
  Submit(server_.get(), {.session = here->record, .want = Want::kForecast}, {});
  Advance(std::chrono::milliseconds(50));
  server_->Settle();
  const auto read = Submit(
      server_.get(), {.session = here->record, .want = Want::kForecast}, {});
  EXPECT_EQ(ReasonOfItem(*read), "session_moved");
}

TEST_F(TwoServersTest, AnAttachThatKnowsMoreLoadsTheSessionAgain) {
  ASSERT_TRUE(Open("a").ok());
  const auto there = Get(other_.get(), "a");
  for (uint64_t step = 1; step <= 5; ++step) {
    StepOn(other_.get(), there->record, step, 1);
  }
  other_->Settle();
  other_.reset();
  const auto stale = Get(server_.get(), "a", 5);
  ASSERT_TRUE(stale.ok()) << stale.status();
  EXPECT_EQ(stale->applied_step, 5u);
}

TEST_F(TwoServersTest, AZombiesLateCommitChangesNothing) {
  const auto here = Open("a");
  store_.hold_commits = true;
  StepOn(server_.get(), here->record, 1, 100);
  server_->driver.CommitPass(now_);
  store_.hold_commits = false;
  const auto there = Get(other_.get(), "a");
  StepOn(other_.get(), there->record, 1, 3);
  EXPECT_EQ(store_.DeliverLate()[0], CommitOutcome::kFenced);
  other_->Settle();
  server_->Settle();
  EXPECT_EQ(SumOf(*StepOn(other_.get(), there->record, 2, 4)), 7);
  EXPECT_EQ(ReasonOfItem(*StepOn(server_.get(), here->record, 2, 1)),
            "session_moved");
}

TEST_F(TwoServersTest, AZombieCannotCloseWhatMovedOn) {
  const auto here = Open("a");
  const auto there = Get(other_.get(), "a");
  EXPECT_EQ(SumOf(*StepOn(other_.get(), there->record, 1, 3)), 3);
  EXPECT_EQ(Reason(Close("a")), "session_moved");
  other_->Settle();
  EXPECT_EQ(SumOf(*StepOn(other_.get(), there->record, 2, 4)), 7);
}

TEST_F(TwoServersTest, OnlyOneOfTwoOpensTheSameId) {
  Reply<SessionInfo> here;
  Reply<SessionInfo> there;
  server_->service.OpenSession({.model = "sum", .session_id = "a"},
                               here.Take());
  other_->service.OpenSession({.model = "sum", .session_id = "a"},
                              there.Take());
  other_->Settle();
  server_->Settle();
  EXPECT_TRUE(there.Get().ok());
  EXPECT_EQ(Reason(here.Get()), "session_exists");
}

}  // namespace
}  // namespace recur
