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
  static std::shared_ptr<ItemBatch> Read(TestServer* server,
                                         const SessionPtr& session) {
    return Submit(server, {.session = session, .want = Want::kForecast}, {});
  }
  static std::shared_ptr<Reply<SessionInfo>> Look(TestServer* server,
                                                  const std::string& id) {
    auto reply = std::make_shared<Reply<SessionInfo>>();
    server->service.LookAtSession(id, reply->Take());
    return reply;
  }

  // Longer than a session is read from memory on trust.
  static constexpr std::chrono::seconds kLong{2};
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

TEST_F(TwoServersTest, AReadAfterALongTimeIsAnsweredOnceTheStoreAgrees) {
  const auto here = Open("a");
  EXPECT_EQ(SumOf(*StepOn(server_.get(), here->record, 1, 3)), 3);
  server_->Settle();
  Advance(kLong);
  const auto first = Read(server_.get(), here->record);
  const auto look = Look(server_.get(), "a");
  EXPECT_FALSE(Answered(*first));
  EXPECT_EQ(look->calls(), 0);
  server_->Settle();
  ASSERT_TRUE(Answered(*first));
  EXPECT_EQ(SumOf(*first), 3);
  EXPECT_EQ(look->Get()->applied_step, 1u);
  EXPECT_TRUE(Answered(*Read(server_.get(), here->record))) << "from memory";
  EXPECT_EQ(Look(server_.get(), "a")->calls(), 1);
}

TEST_F(TwoServersTest, AReadWhereTheSessionWasIsRefused) {
  const auto here = Open("a");
  ASSERT_TRUE(Open("b").ok());
  for (const char* id : {"a", "b"}) ASSERT_TRUE(Get(other_.get(), id).ok());
  Advance(kLong);
  const auto read = Read(server_.get(), here->record);
  const auto look = Look(server_.get(), "b");
  EXPECT_FALSE(Answered(*read));
  server_->Settle();
  ASSERT_TRUE(Answered(*read));
  EXPECT_EQ(ReasonOfItem(*read), "session_moved");
  EXPECT_EQ(Reason(look->Get()), "session_moved");
}

TEST_F(TwoServersTest, ACommitFromBeforeTheReadSaysNothing) {
  const auto here = Open("a");
  StepOn(server_.get(), here->record, 1, 3);
  // It is stored, and this server sleeps before it hears of that.
  store_.lose_acks = true;
  server_->driver.CommitPass(now_);
  store_.lose_acks = false;
  server_->lanes.held = true;
  server_->driver.CommitPass(now_);
  const auto there = Get(other_.get(), "a");
  StepOn(other_.get(), there->record, 2, 4);
  other_->Settle();
  Advance(kLong);
  const auto read = Read(server_.get(), here->record);
  server_->lanes.held = false;
  server_->lanes.Run();
  EXPECT_FALSE(Answered(*read));
  server_->Settle();
  ASSERT_TRUE(Answered(*read));
  EXPECT_EQ(ReasonOfItem(*read), "session_moved");
}

TEST_F(TwoServersTest, AReadIsRefusedIfTheStoreDoesNotSay) {
  const auto here = Open("a");
  Advance(kLong);
  store_.down = true;
  const auto read = Read(server_.get(), here->record);
  const auto look = Look(server_.get(), "a");
  server_->Settle();
  EXPECT_FALSE(Answered(*read));
  Advance(kLong);
  server_->lanes.Housekeep();
  ASSERT_TRUE(Answered(*read));
  EXPECT_EQ(ReasonOfItem(*read), "store_unavailable");
  EXPECT_EQ(Reason(look->Get()), "store_unavailable");
  EXPECT_EQ(SumOf(*StepOn(server_.get(), here->record, 1, 3)), 3)
      << "while steps go on";
}

TEST_F(TwoServersTest, AnAttachWhereTheSessionWasLoadsItAgain) {
  ASSERT_TRUE(Open("a").ok());
  const auto there = Get(other_.get(), "a");
  for (uint64_t step = 1; step <= 5; ++step) {
    StepOn(other_.get(), there->record, step, 1);
  }
  other_->Settle();
  Advance(std::chrono::milliseconds(1));
  const auto stale = Get(server_.get(), "a");
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

// A session of three durable steps here; of one step there, after it ended.
class ReopenedTest : public TwoServersTest {
 protected:
  ReopenedTest() {
    here_ = *Open("a");
    for (uint64_t step = 1; step <= 3; ++step) {
      StepOn(server_.get(), here_.record, step, 1);
    }
    Advance(std::chrono::milliseconds(50));
    server_->Settle();
    EXPECT_EQ(store_.Row("a").step, 3u);
    EXPECT_TRUE(Close(other_.get(), "a").ok());
    const auto there = Open(other_.get(), {.model = "sum", .session_id = "a"});
    EXPECT_EQ(SumOf(*StepOn(other_.get(), there->record, 1, 7)), 7);
    Advance(std::chrono::milliseconds(50));
    other_->Settle();
    EXPECT_EQ(store_.Row("a").step, 1u);
    Advance(std::chrono::milliseconds(1));
  }

  SessionInfo here_;
};

TEST_F(ReopenedTest, AnAttachFindsTheNewSession) {
  const auto attached = Get(server_.get(), "a");
  ASSERT_TRUE(attached.ok()) << attached.status();
  EXPECT_EQ(attached->applied_step, 1u);
  EXPECT_EQ(attached->durable_step, 1u);
  EXPECT_EQ(SumOf(*StepOn(server_.get(), attached->record, 2, 1)), 8);
}

TEST_F(ReopenedTest, WhatTheOldOneAppliedIsNoAcknowledgement) {
  const auto again = StepOn(server_.get(), here_.record, 1, 1);
  EXPECT_FALSE(Answered(*again)) << "until the store has said whose it is";
  server_->Settle();
  EXPECT_EQ(ReasonOfItem(*again), "session_moved");
  EXPECT_EQ(again->results[0].durable_step, 0u);
  const auto later = StepOn(server_.get(), here_.record, 4, 1);
  EXPECT_EQ(ReasonOfItem(*later), "session_moved");
  EXPECT_EQ(later->results[0].durable_step, 0u);
}

TEST_F(ReopenedTest, AStepByItsIdIsToldNothingOnTrust) {
  auto step = Batch({.session_id = "a", .first_step = 4, .steps = 1}, {1});
  step->arrived = now_;
  server_->service.Submit(step);
  EXPECT_TRUE(step->results[0].status.ok());
  EXPECT_EQ(step->results[0].durable_step, 0u);
}

TEST_F(ReopenedTest, ItsIdCanBeOpenedWhereItWas) {
  EXPECT_EQ(Reason(Open("a")), "session_exists");
  ASSERT_TRUE(Get(server_.get(), "a").ok());
  Advance(std::chrono::milliseconds(1));
  EXPECT_EQ(Reason(Close(other_.get(), "a")), "session_moved");
  ASSERT_TRUE(Close(other_.get(), "a").ok());
  const auto opened = Open("a");
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->applied_step, 0u);
}

TEST_F(TwoServersTest, AnAttachWaitsUntilTheStoreHasSaidWhoseItIs) {
  const auto here = Open("a");
  StepOn(server_.get(), here->record, 1, 3);
  server_->Settle();
  Advance(std::chrono::milliseconds(1));
  Reply<SessionInfo> attached;
  server_->service.AttachSession("a", attached.Take());
  EXPECT_EQ(attached.calls(), 0);
  const auto again = StepOn(server_.get(), here->record, 1, 3);
  EXPECT_FALSE(Answered(*again));
  server_->Settle();
  EXPECT_EQ(attached.Get()->durable_step, 1u);
  EXPECT_EQ(SumOf(*again), 3);

  Advance(std::chrono::milliseconds(1));
  store_.down = true;
  Reply<SessionInfo> refused;
  server_->service.AttachSession("a", refused.Take());
  Advance(kLong);
  server_->lanes.Housekeep();
  EXPECT_EQ(Reason(refused.Get()), "store_unavailable");
}

TEST_F(TwoServersTest, OneThatCannotGoOnHereIsLeftToItsOwner) {
  ASSERT_TRUE(Open("a").ok());
  const uint64_t epoch = store_.Row("a").epoch;
  std::filesystem::create_directories(root_.path() / "empty");
  auto without = Repository::Create({.root = root_.path() / "empty",
                                     .max_batch_rows = 4,
                                     .create_engine = CreateReferenceEngine});
  other_ = std::make_unique<TestServer>(lane_options_, driver_options_, &store_,
                                        without->get(), now_);
  EXPECT_EQ(Reason(Get(other_.get(), "a")), "model_missing");
  EXPECT_EQ(store_.Row("a").epoch, epoch);
  EXPECT_EQ(SumOf(*Step("a", 1, 3)), 3);
  ASSERT_TRUE(Close("a").ok());
  EXPECT_EQ(Reason(Get(other_.get(), "a")), "session_closed");
  EXPECT_EQ(store_.Row("a").epoch, epoch);
  other_.reset();
}

TEST_F(TwoServersTest, OneThatLivesOnElsewhereHasNotExpiredHere) {
  const auto here = Open(server_.get(), {.model = "sum",
                                         .session_id = "a",
                                         .idle_ttl = std::chrono::seconds(60)});
  const auto there = Get(other_.get(), "a");
  Advance(std::chrono::seconds(59));
  StepOn(other_.get(), there->record, 1, 3);
  other_->Settle();
  Advance(std::chrono::seconds(2));
  server_->lanes.Housekeep();
  server_->Settle();
  EXPECT_EQ(ReasonOfItem(*StepOn(server_.get(), here->record, 2, 4)),
            "session_moved");
  EXPECT_EQ(Get("a")->applied_step, 1u);
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
