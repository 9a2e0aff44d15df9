// Sessions that a store keeps: what is durable when, what comes back, and what
// is said while the store does not answer.

#include <filesystem>
#include <map>

#include "server/core/store_identity.h"
#include "tests/unit/server/core/durable_fixture.h"

namespace recur {
namespace {

constexpr std::chrono::milliseconds kInterval{50};

class DurableSessionsTest : public DurableTest {};

TEST_F(DurableSessionsTest, OpensASessionOnlyOnceItIsStored) {
  Reply<SessionInfo> reply;
  server_->service.OpenSession({.model = "sum", .session_id = "a"},
                               reply.Take());
  EXPECT_EQ(reply.calls(), 0);
  EXPECT_EQ(store_.Row("a").epoch, 0u);
  server_->Settle();
  ASSERT_TRUE(reply.Get().ok()) << reply.Get().status();
  EXPECT_GT(store_.Row("a").epoch, 0u);
}

TEST_F(DurableSessionsTest, CommitsWhatWasSteppedOnceInAnInterval) {
  ASSERT_TRUE(Open("a").ok());
  ASSERT_TRUE(Open("b").ok());
  EXPECT_EQ(SumOf(*Step("a", 1, 3)), 3);
  server_->Settle();  // the first is due at once
  EXPECT_EQ(store_.Row("a").step, 1u);
  const int before = store_.commits;
  Step("a", 2, 4);
  Step("b", 1, 5);
  Step("a", 3, 5);
  server_->Settle();
  EXPECT_EQ(store_.commits, before);
  Advance(kInterval);
  server_->Settle();
  EXPECT_EQ(store_.commits, before + 1) << "of both, whatever their lanes";
  EXPECT_EQ(store_.rows_in_commits.back(), 2u);
  EXPECT_EQ(store_.Row("a").step, 3u);
  EXPECT_EQ(store_.Row("b").step, 1u);
  EXPECT_EQ(Get("a")->durable_step, 3u);
  EXPECT_EQ(Count(&LaneStats::sessions_dirty), 0);
}

TEST_F(DurableSessionsTest, CommitsAtOnceWhenSomebodyWaits) {
  ASSERT_TRUE(Open("a").ok());
  Step("a", 1, 3);
  server_->Settle();
  const auto waits = Step("a", 2, 4, /*wait_durable=*/true);
  EXPECT_FALSE(Answered(*waits));
  server_->Settle();
  ASSERT_TRUE(Answered(*waits));
  EXPECT_EQ(SumOf(*waits), 7);
  EXPECT_EQ(waits->results[0].durable_step, 2u);
  EXPECT_EQ(store_.Row("a").step, 2u);
}

TEST_F(DurableSessionsTest, AStepWithoutANumberWaitsUntilItIsDurable) {
  ASSERT_TRUE(Open("a").ok());
  const auto waits =
      Submit(server_.get(), {.session_id = "a", .steps = 1}, {3});
  EXPECT_FALSE(Answered(*waits));
  server_->Settle();
  EXPECT_TRUE(Answered(*waits));
}

TEST_F(DurableSessionsTest, AnswersOfOneSinkStayInOrderBehindOneThatWaits) {
  ASSERT_TRUE(Open("a").ok());
  const auto first = Step("a", 1, 3, /*wait_durable=*/true);
  auto second = Batch({.session_id = "a", .first_step = 2, .steps = 1}, {4});
  second->sink = first->sink;
  server_->service.Submit(second);
  const auto other = Step("a", 3, 5);
  EXPECT_FALSE(Answered(*first));
  EXPECT_TRUE(Answered(*other)) << "another's answers do not wait";
  server_->Settle();
  EXPECT_EQ(static_cast<const Told&>(*first->sink).told.size(), 2u);
}

TEST_F(DurableSessionsTest, ComesBackAfterACrashAtItsDurableStep) {
  ASSERT_TRUE(Open("a").ok());
  Step("a", 1, 3);
  Step("a", 2, 4);
  server_->Settle();
  EXPECT_EQ(SumOf(*Step("a", 3, 5)), 12) << "answered, and not acknowledged";
  Crash();
  const auto info = Get("a");
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_EQ(info->applied_step, 2u);
  EXPECT_EQ(info->durable_step, 2u);
  EXPECT_EQ(SumOf(*Step("a", 3, 5)), 12) << "resent";
  EXPECT_EQ(Count(&LaneStats::sessions_loaded), 1);
}

TEST_F(DurableSessionsTest, ItemsWaitForTheirSessionToBeLoaded) {
  ASSERT_TRUE(Open("a").ok());
  Step("a", 1, 3);
  server_->Settle();
  Crash();
  const auto first = Step("a", 2, 4);
  const auto second = Step("a", 3, 5);
  EXPECT_FALSE(Answered(*first));
  EXPECT_EQ(Count(&LaneStats::items_parked), 2);
  server_->Settle();
  EXPECT_EQ(SumOf(*first), 7);
  EXPECT_EQ(SumOf(*second), 12);
  EXPECT_EQ(Count(&LaneStats::items_parked), 0);
  EXPECT_EQ(Count(&LaneStats::queued_items), 0);
}

TEST_F(DurableSessionsTest, RefusesItemsBeyondTheRoomForWaitingOnes) {
  lane_options_.max_parked = 2;
  Crash();
  Step("a", 1, 1);
  Step("a", 2, 1);
  const auto third = Step("a", 3, 1);
  EXPECT_EQ(ReasonOfItem(*third), "queue_full");
}

TEST_F(DurableSessionsTest, KeepsTheAnswerWindowThroughACrash) {
  ASSERT_TRUE(Open("a").ok());
  Step("a", 1, 3);
  Step("a", 2, 4);
  server_->Settle();
  Crash();
  ASSERT_TRUE(Get("a").ok());
  const auto again = Step("a", 2, 4);
  EXPECT_EQ(SumOf(*again), 7) << "computed again from the state";
  EXPECT_TRUE(again->results[0].duplicate);
  EXPECT_EQ(ReasonOfItem(*Step("a", 1, 8)), "step_changed");
}

TEST_F(DurableSessionsTest, SaysUnknownOfAnIdThatTheStoreDoesNotHave) {
  EXPECT_EQ(Reason(Get("nobody")), "session_unknown");
  const auto item = Step("nobody", 1, 1);
  server_->Settle();
  EXPECT_EQ(ReasonOfItem(*item), "session_unknown");
  const std::string of_another_run =
      "r1-00000001-00000000000000000000000000000001";
  EXPECT_EQ(Reason(Get(of_another_run)), "session_lost");
}

TEST_F(DurableSessionsTest, ARetryOfAnOpenFindsItsSessionAfterACrash) {
  ASSERT_TRUE(Open("a", "request").ok());
  Step("a", 1, 3);
  server_->Settle();
  Crash();
  const auto again = Open("a", "request");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->applied_step, 1u);
  EXPECT_EQ(SumOf(*Step("a", 2, 4)), 7);
}

TEST_F(DurableSessionsTest, RefusesToOpenAnIdThatIsLiveInTheStore) {
  ASSERT_TRUE(Open("a", "request").ok());
  const uint64_t epoch = store_.Row("a").epoch;
  Crash();
  EXPECT_EQ(Reason(Open("a")), "session_exists");
  EXPECT_EQ(Reason(Open("a", "another")), "session_exists");
  EXPECT_EQ(store_.Row("a").epoch, epoch) << "its owner is left alone";
}

TEST_F(DurableSessionsTest, RemembersAClosedSessionThroughACrash) {
  ASSERT_TRUE(Open("a", "request").ok());
  Step("a", 1, 3);
  EXPECT_EQ(*Close("a"), 1u);
  Crash();
  EXPECT_EQ(Reason(Get("a")), "session_closed");
  EXPECT_EQ(*Close("a"), 0u) << "closing is idempotent";
  EXPECT_EQ(Reason(Open("a", "request")), "session_closed") << "a late retry";
  const auto anew = Open("a", "another");
  ASSERT_TRUE(anew.ok()) << anew.status();
  EXPECT_EQ(anew->applied_step, 0u);
  EXPECT_EQ(SumOf(*Step("a", 1, 4)), 4);
  server_->Settle();
  Crash();
  EXPECT_EQ(Get("a")->applied_step, 1u);
}

TEST_F(DurableSessionsTest, AClosingIsAnsweredOnlyOnceItIsStored) {
  ASSERT_TRUE(Open("a").ok());
  Reply<uint64_t> first;
  Reply<uint64_t> second;
  server_->service.CloseSession("a", first.Take());
  server_->service.CloseSession("a", second.Take());
  const auto item = Step("a", 1, 1);
  EXPECT_EQ(first.calls(), 0);
  server_->Settle();
  EXPECT_TRUE(first.Get().ok());
  EXPECT_TRUE(second.Get().ok());
  EXPECT_EQ(ReasonOfItem(*item), "session_closed");
}

TEST_F(DurableSessionsTest, ClosesASessionThatIsOnlyInTheStore) {
  ASSERT_TRUE(Open("a").ok());
  Step("a", 1, 3);
  server_->Settle();
  Crash();
  EXPECT_EQ(*Close("a"), 1u);
  EXPECT_EQ(Reason(Get("a")), "session_closed");
}

TEST_F(DurableSessionsTest, ALateCommitDoesNotReviveAClosedSession) {
  ASSERT_TRUE(Open("a").ok());
  store_.hold_commits = true;
  Step("a", 1, 3);
  server_->driver.CommitPass(now_);
  store_.hold_commits = false;
  EXPECT_EQ(*Close("a"), 1u);
  EXPECT_EQ(store_.DeliverLate()[0], CommitOutcome::kStale);
  Crash();
  EXPECT_EQ(Reason(Get("a")), "session_closed");
}

TEST_F(DurableSessionsTest, ExpiresInMemoryAndInTheStore) {
  ASSERT_TRUE(Open(server_.get(), {.model = "sum",
                                   .session_id = "a",
                                   .idle_ttl = std::chrono::hours(1)})
                  .ok());
  ASSERT_TRUE(Open(server_.get(), {.model = "sum",
                                   .session_id = "b",
                                   .idle_ttl = std::chrono::hours(1)})
                  .ok());
  Advance(std::chrono::hours(2));
  server_->lanes.Housekeep();
  server_->Settle();
  EXPECT_EQ(Reason(Get("a")), "session_expired");
  Crash();
  EXPECT_EQ(Reason(Get("a")), "session_expired");
  Advance(std::chrono::hours(25));
  Crash();
  EXPECT_EQ(Reason(Get("a")), "session_unknown") << "a day later";
}

TEST_F(DurableSessionsTest, ExpiresWhileItIsOnlyInTheStore) {
  ASSERT_TRUE(Open(server_.get(), {.model = "sum",
                                   .session_id = "a",
                                   .idle_ttl = std::chrono::hours(1)})
                  .ok());
  Crash();
  Advance(std::chrono::hours(2));
  EXPECT_EQ(Reason(Get("a")), "session_expired");
  server_->Settle();
  Advance(std::chrono::hours(23));
  EXPECT_EQ(Reason(Get("a")), "session_expired");
}

TEST_F(DurableSessionsTest, TheStoreKeepsASessionThatIsOnlyRead) {
  ASSERT_TRUE(Open(server_.get(), {.model = "sum",
                                   .session_id = "a",
                                   .idle_ttl = std::chrono::hours(1)})
                  .ok());
  for (int half_hours = 0; half_hours < 100; ++half_hours) {
    Advance(std::chrono::minutes(30));
    Submit(server_.get(), {.session_id = "a", .want = Want::kForecast}, {});
    server_->lanes.Housekeep();
    server_->Settle();
  }
  Crash();
  EXPECT_TRUE(Get("a").ok());
}

TEST_F(DurableSessionsTest, NamesAModelThatIsMissingAndKeepsTheState) {
  ASSERT_TRUE(Open("a").ok());
  Step("a", 1, 3);
  server_->Settle();
  const auto directory = root_.path() / "sum" / "1";
  std::filesystem::remove_all(directory);
  Model other = AccumulatorModel(1);
  other.weights.begin()->second.values[0] += 1;
  ASSERT_TRUE(WriteModel(other, directory).ok());
  server_.reset();
  repository_ = MakeRepository();
  server_ = MakeServer();
  EXPECT_EQ(Reason(Get("a")), "model_missing");
  std::filesystem::remove_all(directory);
  ASSERT_TRUE(WriteModel(AccumulatorModel(1), directory).ok());
  server_.reset();
  repository_ = MakeRepository();
  server_ = MakeServer();
  EXPECT_EQ(Get("a")->applied_step, 1u);
}

TEST_F(DurableSessionsTest, LoadsTheVersionThatASessionBeganWith) {
  ASSERT_TRUE(Open("a").ok());
  Step("a", 1, 3);
  server_->Settle();
  ASSERT_TRUE(WriteModel(AccumulatorModel(1), root_.path() / "sum" / "2").ok());
  server_.reset();
  repository_ = MakeRepository();
  server_ = MakeServer();
  const auto info = Get("a");
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_EQ(info->model->version, 1);
}

TEST_F(DurableSessionsTest, NamesACorruptSnapshot) {
  const CommitRow row{.id = "a",
                      .epoch = 1,
                      .keep_until_us = INT64_MAX,
                      .snapshot = "nonsense"};
  store_.Commit({&row, 1});
  const auto info = Get("a");
  EXPECT_EQ(info.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Reason(info), "bad_snapshot");
}

TEST_F(DurableSessionsTest, ListsThoseInMemoryAndThoseInTheStore) {
  ASSERT_TRUE(IdentityOf(&store_).ok());
  for (const char* id : {"a", "b", "c", "d", "e"}) ASSERT_TRUE(Open(id).ok());
  ASSERT_TRUE(Close("b").ok());
  Crash();
  ASSERT_TRUE(Get("c").ok());
  ASSERT_TRUE(Open("f").ok());
  std::vector<std::string> ids;
  std::string after;
  do {
    Reply<SessionPage> reply;
    server_->service.ListSessions("sum", after, 2, reply.Take());
    server_->Settle();
    ASSERT_TRUE(reply.Get().ok()) << reply.Get().status();
    EXPECT_LE(reply.Get()->sessions.size(), 2u);
    for (const auto& info : reply.Get()->sessions) ids.push_back(info.id);
    after = reply.Get()->next;
  } while (!after.empty());
  EXPECT_EQ(ids, (std::vector<std::string>{"a", "c", "d", "e", "f"}));
}

TEST_F(DurableSessionsTest, ListsWhatIsStoredWithTheModelThatIsNotLoaded) {
  ASSERT_TRUE(Open("a").ok());
  std::filesystem::rename(root_.path() / "sum", root_.path() / "gone");
  server_.reset();
  repository_ = MakeRepository();
  server_ = MakeServer();
  Reply<SessionPage> reply;
  server_->service.ListSessions("sum", "", 10, reply.Take());
  server_->Settle();
  ASSERT_EQ(reply.Get()->sessions.size(), 1u);
  EXPECT_EQ(reply.Get()->sessions[0].stored_model, "sum");
  EXPECT_EQ(reply.Get()->sessions[0].stored_version, 1);
}

TEST_F(DurableSessionsTest, TellsWatchersHowFarASessionIsDurable) {
  struct Watcher : DurableWatcher {
    void BecameDurable(absl::Span<const Watermark> marks) override {
      ++calls;
      for (const auto& mark : marks) steps[mark.handle] = mark.durable_step;
    }
    int calls = 0;
    std::map<uint32_t, uint64_t> steps;
  };
  auto watcher = std::make_shared<Watcher>();
  const auto info = Open("a");
  server_->service.Watch(info->record, watcher, 7, /*known_step=*/0);
  Step("a", 1, 1);
  Step("a", 2, 1);
  server_->Settle();
  EXPECT_EQ(watcher->calls, 1);
  EXPECT_EQ(watcher->steps[7], 2u);
  server_->service.Unwatch(info->record, watcher, 7);
  Step("a", 3, 1);
  Advance(kInterval);
  server_->Settle();
  EXPECT_EQ(watcher->calls, 1);
}

}  // namespace
}  // namespace recur
