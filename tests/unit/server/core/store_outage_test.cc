// A store that does not answer, or whose answers are lost.

#include <gmock/gmock.h>

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/unit/server/core/durable_fixture.h"

namespace recur {
namespace {

using ::testing::HasSubstr;

constexpr std::chrono::milliseconds kInterval{50};

class StoreOutageTest : public DurableTest {};

TEST_F(StoreOutageTest, KeepsOnSteppingWhileTheStoreIsDown) {
  ASSERT_TRUE(Open("a").ok());
  store_.down = true;
  const auto waits = Step("a", 1, 3, /*wait_durable=*/true);
  for (uint64_t step = 2; step <= 40; ++step) {
    Advance(kInterval);
    server_->Settle();
    EXPECT_EQ(SumOf(*Step("a", step, 1)), 2.0 + static_cast<double>(step));
  }
  EXPECT_FALSE(Answered(*waits));
  EXPECT_EQ(Reason(Get("stored")), "store_unavailable");
  EXPECT_EQ(Reason(Open("b")), "store_unavailable");
  store_.down = false;
  Advance(std::chrono::seconds(10));
  server_->Settle();
  EXPECT_TRUE(Answered(*waits));
  EXPECT_EQ(store_.Row("a").step, 40u);
}

TEST_F(StoreOutageTest, LeavesAStoreThatFailsAlone) {
  ASSERT_TRUE(Open("a").ok());
  store_.down = true;
  Step("a", 1, 3);
  const int before = store_.calls;
  for (int i = 0; i < 100; ++i) {
    server_->driver.CommitPass(now_);
  }
  EXPECT_LE(store_.calls - before, 6);
  EXPECT_EQ(server_->driver.stats().breaker_opened.value(), 1);
}

// As when a Redis has lost its functions, or its user has no more rights: that
// passes when somebody sees to it.
TEST_F(StoreOutageTest, AStoreThatDeniesIsOneThatIsDown) {
  ASSERT_TRUE(Open("a").ok());
  uint64_t step = 0;
  for (const absl::Status& denial :
       {absl::PermissionDeniedError("NOPERM this user has no permissions"),
        absl::FailedPreconditionError("it needs the function library"),
        absl::InternalError("who knows")}) {
    store_.denial = denial;
    const int64_t opened = server_->driver.stats().breaker_opened.value();
    Step("a", ++step, 3);
    Advance(kInterval);
    for (int i = 0; i < 3; ++i) {
      const absl::Status told = Get("stored").status();
      EXPECT_EQ(told.code(), absl::StatusCode::kUnavailable) << told;
      EXPECT_EQ(ReasonOf(told), "store_unavailable") << told;
      EXPECT_THAT(std::string(told.message()),
                  HasSubstr(std::string(denial.message())));
    }
    EXPECT_EQ(Reason(Open("b")), "store_unavailable");
    EXPECT_EQ(server_->driver.stats().breaker_opened.value(), opened + 2)
        << "of loads and of commits";
    store_.denial = absl::OkStatus();
    Advance(std::chrono::seconds(10));
    server_->Settle();
    EXPECT_EQ(store_.Row("a").step, step);
    EXPECT_TRUE(Open(absl::StrCat("new", step)).ok());
    EXPECT_EQ(Reason(Get("stored")), "session_unknown");
  }
}

TEST_F(StoreOutageTest, SessionsComeBackFromAStoreInWhichNoneCanBegin) {
  ASSERT_TRUE(Open("a").ok());
  Crash();
  store_.full = true;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Reason(Open(absl::StrCat("new", i))), "store_unavailable");
  }
  EXPECT_EQ(server_->driver.stats().breaker_opened.value(), 1);
  EXPECT_TRUE(Get("a").ok());
}

TEST_F(StoreOutageTest, APageOfSessionsEndsWithTheFirstRowThatCannotBeRead) {
  for (int i = 0; i < 9; ++i) ASSERT_TRUE(Open(absl::StrCat("s", i)).ok());
  Crash();
  const auto list = [this] {
    const int before = store_.calls;
    Reply<SessionPage> reply;
    server_->service.ListSessions("", "", 100, reply.Take());
    server_->Settle();
    return std::make_pair(reply.Get().status(), store_.calls - before);
  };
  EXPECT_EQ(list(), std::make_pair(absl::OkStatus(), 10)) << "a scan, 9 rows";
  store_.unreadable = "s3";
  EXPECT_EQ(list().second, 5);
  store_.down = true;
  for (const int calls : {1, 1, 0, 0}) {
    const auto [status, made] = list();
    EXPECT_EQ(ReasonOf(status), "store_unavailable");
    EXPECT_EQ(made, calls) << "none, once the store is left alone";
  }
  store_.down = false;
  Advance(std::chrono::seconds(10));
  server_->driver.Stop();
  EXPECT_EQ(list().second, 0);
}

TEST_F(StoreOutageTest, LongJobsComeOneAfterTheOther) {
  StoreDriver& driver = server_->driver;
  bool beside = false;
  bool second = false;
  ASSERT_TRUE(
      driver.Ask([&](TimePoint now) { beside = driver.Serve(now); }).ok());
  ASSERT_TRUE(driver.Ask([&](TimePoint) { second = true; }).ok());
  EXPECT_TRUE(driver.Serve(now_));
  EXPECT_FALSE(beside || second);
  EXPECT_TRUE(driver.Serve(now_));
  EXPECT_TRUE(second);
}

TEST_F(StoreOutageTest, RefusesListsThatComeFasterThanTheStoreReads) {
  std::vector<Reply<SessionPage>> replies(65);
  for (auto& reply : replies) {
    server_->service.ListSessions("", "", 100, reply.Take());
  }
  EXPECT_EQ(replies[63].calls(), 0);
  EXPECT_EQ(replies[64].Get().status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Reason(replies[64].Get()), "queue_full");
  server_->Settle();
  EXPECT_TRUE(replies[63].Get().ok());
  Reply<SessionPage> later;
  server_->service.ListSessions("", "", 100, later.Take());
  server_->Settle();
  EXPECT_TRUE(later.Get().ok());
}

TEST_F(StoreOutageTest, AnItemWaitsNoLongerThanItsDeadline) {
  ASSERT_TRUE(Open("a").ok());
  store_.down = true;
  auto waits = Batch({.session_id = "a", .first_step = 1, .steps = 1}, {3});
  waits->wait_durable = true;
  waits->deadline = now_ + std::chrono::seconds(5);
  server_->service.Submit(waits);
  server_->Settle();
  EXPECT_FALSE(Answered(*waits));
  Advance(std::chrono::seconds(6));
  server_->lanes.Housekeep();
  ASSERT_TRUE(Answered(*waits));
  EXPECT_EQ(ReasonOfItem(*waits), "not_durable_yet");
  EXPECT_EQ(waits->results[0].applied_step, 1u);
}

TEST_F(StoreOutageTest, SettlesALostAcknowledgementByReadingBack) {
  ASSERT_TRUE(Open("a").ok());
  store_.lose_acks = true;
  const auto waits = Step("a", 1, 3, /*wait_durable=*/true);
  server_->Settle();
  EXPECT_EQ(SumOf(*waits), 3);
  EXPECT_EQ(waits->results[0].durable_step, 1u);
}

TEST_F(StoreOutageTest, SettlesALostAcknowledgementOfAnOpen) {
  store_.lose_acks = true;
  const auto info = Open("a");
  ASSERT_TRUE(info.ok()) << info.status();
  store_.lose_acks = false;
  EXPECT_EQ(SumOf(*Step("a", 1, 3)), 3);
}

TEST_F(StoreOutageTest, AcknowledgesNothingThatWasNotStored) {
  ASSERT_TRUE(Open("a").ok());
  store_.hold_commits = true;
  const auto waits = Step("a", 1, 3, /*wait_durable=*/true);
  server_->driver.CommitPass(now_);
  server_->driver.CommitPass(now_);
  EXPECT_FALSE(Answered(*waits));
  store_.hold_commits = false;
  server_->Settle();
  EXPECT_TRUE(Answered(*waits));
  store_.DeliverLate();
  Crash();
  EXPECT_EQ(Get("a")->applied_step, 1u);
}

TEST_F(StoreOutageTest, ADamagedRowEndsItsSessionAndHoldsUpNoOther) {
  ASSERT_TRUE(Open("a").ok());
  ASSERT_TRUE(Open("b").ok());
  store_.damaged = "a";
  const auto lost = Step("a", 1, 3, /*wait_durable=*/true);
  for (uint64_t step = 1; step <= 20; ++step) {
    Advance(kInterval);
    const auto waits = Step("b", step, 1, /*wait_durable=*/true);
    server_->Settle();
    EXPECT_TRUE(Answered(*waits)) << step;
  }
  ASSERT_TRUE(Answered(*lost));
  EXPECT_EQ(lost->results[0].status.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(ReasonOfItem(*lost), "bad_snapshot");
  EXPECT_EQ(Reason(Get("a")), "bad_snapshot");
  EXPECT_EQ(store_.rows_in_commits.back(), 1u) << "nobody tries it again";
  EXPECT_EQ(server_->driver.stats().breaker_opened.value(), 0);
}

TEST_F(StoreOutageTest, ClosingASessionWhoseRowIsDamagedSaysSo) {
  ASSERT_TRUE(Open("a").ok());
  store_.damaged = "a";
  const auto closed = Close("a");
  EXPECT_EQ(closed.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Reason(closed), "bad_snapshot");
}

TEST_F(StoreOutageTest, ARowOfWhichNothingIsHeardHoldsUpNoOther) {
  const std::string ids[] = {"a", "b", "c"};
  for (const std::string& id : ids) ASSERT_TRUE(Open(id).ok());
  uint64_t step = 0;
  for (const std::string& silent : ids) {
    ++step;
    store_.unreadable = silent;
    store_.lose_acks = true;
    std::map<std::string, std::shared_ptr<ItemBatch>> waits;
    for (const std::string& id : ids) {
      waits[id] = Step(id, step, 1, /*wait_durable=*/true);
    }
    server_->driver.CommitPass(now_);
    store_.lose_acks = false;
    server_->driver.CommitPass(now_);
    for (const std::string& id : ids) {
      EXPECT_EQ(Answered(*waits[id]), id != silent) << id << ", " << silent;
    }
    store_.unreadable.clear();
    Advance(std::chrono::seconds(1));
    server_->Settle();
    EXPECT_TRUE(Answered(*waits[silent])) << silent;
  }
}

}  // namespace
}  // namespace recur
