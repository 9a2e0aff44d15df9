// A lane whose sessions a store keeps, seen from the store's side.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/spec/error_reason.h"
#include "tests/unit/server/lane/lane_fixture.h"
#include "tests/unit/server/lane/watched_engine.h"

namespace recur {
namespace {

class LaneKeepTest : public LaneTest, public CommitSink {
 protected:
  explicit LaneKeepTest(const Lane::Options& options = {}) : LaneTest(options) {
    Model hourly = AccumulatorModel(1);
    hourly.spec.features.interval = std::chrono::hours(1);
    hourly.spec.features.max_gap_intervals = 10;
    model_ = Watched(ServableOf(hourly, "sum"), &watch_);
    lane_.KeepIn(this, /*shared=*/false);
  }

  void WantCommit(bool urgent) override { wants.push_back(urgent); }
  void Commit(CommitBatch batch) override { handed = std::move(batch); }
  void Load(std::string id) override { loads.push_back(std::move(id)); }
  void Create(SessionCreate create) override {
    creates.push_back(std::move(create));
  }
  int64_t WallTimeUs(TimePoint) const override { return 1'000'000; }

  void OpenKept(const std::string& id) {
    lane_.Open({.id = id,
                .model = model_,
                .idle_ttl = std::chrono::hours(1),
                .start_us = int64_t{1'700'000'000'000'000}},
               now_, [](absl::StatusOr<SessionInfo> info) {
                 EXPECT_TRUE(info.ok()) << info.status();
               });
    lane_.Created(id, CreatedSession{.epoch = 5}, now_);
  }

  std::vector<uint64_t> CutSteps() {
    handed = {};
    lane_.Cut(now_);
    std::vector<uint64_t> steps;
    for (const auto& commit : handed.sessions) steps.push_back(commit.step);
    return steps;
  }

  void Answer(CommitVerdict verdict) {
    std::vector<CommitResult> results;
    for (const auto& commit : handed.sessions) {
      results.push_back(
          {commit.session, commit.kind, commit.step, verdict, commit.cut_at});
    }
    lane_.Committed(results, now_);
  }

  Item Steps(const std::string& id, uint64_t first, int steps) {
    return {.session_id = id, .first_step = first, .steps = steps};
  }

  Watch watch_;
  std::vector<bool> wants;
  CommitBatch handed;
  std::vector<std::string> loads;
  std::vector<SessionCreate> creates;
};

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(LaneKeepTest, WantsACutOnceForAllThatChanges) {
  OpenKept("a");
  OpenKept("b");
  Observe(Steps("a", 1, 2), {1, 2});
  Observe(Steps("b", 1, 1), {1});
  EXPECT_THAT(wants, ElementsAre(false));
  EXPECT_THAT(CutSteps(), ElementsAre(2, 1));
  EXPECT_EQ(handed.sessions[0].epoch, 5u);
  Observe(Steps("a", 3, 1), {1});
  EXPECT_THAT(wants, ElementsAre(false, false));
}

TEST_F(LaneKeepTest, CutsAFewMebibytesAtATimeOrOneSession) {
  constexpr size_t kMiB = size_t{1} << 20;
  for (const char* id : {"a", "b", "c", "d", "e"}) {
    OpenKept(id);
    Observe(Steps(id, 1, 2), {1, 2});
    const size_t values = (*id == 'a' ? 5 * kMiB : kMiB) / sizeof(double);
    lane_.Get(id, now_)->record->session.window.KeepAnswer(
        1, std::make_shared<recur::Answer>(
               Forecast{.point = std::vector<double>(values)}));
  }
  wants.clear();
  for (const size_t sessions : {1, 3, 1}) {
    EXPECT_EQ(CutSteps().size(), sessions);
    Answer(CommitVerdict::kStored);
  }
  EXPECT_THAT(CutSteps(), IsEmpty());
  EXPECT_THAT(wants, ElementsAre(true, true))
      << "at once, as long as more waits";
}

TEST_F(LaneKeepTest, DoesNotCutInTheMiddleOfAnObservation) {
  OpenKept("a");
  Observe(Steps("a", 1, 1), {1});
  auto batch = Batch(Steps("a", 2, 1), {1});
  batch->times_us = {int64_t{1'700'000'000'000'000} + 5 * 3'600'000'000};
  Submit(batch);
  lane_.Tick(now_);  // the first of five intervals
  EXPECT_THAT(CutSteps(), IsEmpty());
  RunDry();
  EXPECT_THAT(CutSteps(), ElementsAre(2));
}

TEST_F(LaneKeepTest, TakesBackWhatWasNotStored) {
  OpenKept("a");
  Observe(Steps("a", 1, 1), {1});
  EXPECT_THAT(CutSteps(), ElementsAre(1));
  const CommitBatch first = handed;
  Observe(Steps("a", 2, 1), {1});
  EXPECT_THAT(CutSteps(), IsEmpty()) << "one in flight";
  handed = first;
  Answer(CommitVerdict::kNotStored);
  EXPECT_THAT(CutSteps(), ElementsAre(2));
  Answer(CommitVerdict::kStored);
  EXPECT_THAT(CutSteps(), IsEmpty());
  EXPECT_TRUE(lane_.clean());
}

TEST_F(LaneKeepTest, StoresTheUseOfASessionThatTakesNoSteps) {
  OpenKept("a");
  const Item read{.session_id = "a", .want = Want::kForecast};
  now_ += std::chrono::minutes(7);
  Observe(read, {});
  EXPECT_THAT(CutSteps(), IsEmpty()) << "within an eighth of the hour";
  now_ += std::chrono::minutes(1);
  Observe(read, {});
  EXPECT_FALSE(lane_.clean()) << "so it is not spilled either";
  EXPECT_THAT(CutSteps(), ElementsAre(0));
  Answer(CommitVerdict::kStored);
  Observe(read, {});
  EXPECT_THAT(CutSteps(), IsEmpty());
}

TEST_F(LaneKeepTest, StoresTheUseBySendingStepsAgain) {
  OpenKept("a");
  Observe(Steps("a", 1, 1), {1});
  EXPECT_THAT(CutSteps(), ElementsAre(1));
  Answer(CommitVerdict::kStored);
  now_ += std::chrono::minutes(10);
  EXPECT_TRUE(Observe(Steps("a", 1, 1), {1}).duplicate);
  EXPECT_THAT(CutSteps(), ElementsAre(1));
}

TEST_F(LaneKeepTest, AFaultOfTheEngineGoesBackToWhatIsStored) {
  OpenKept("a");
  Observe(Steps("a", 1, 2), {1, 2});
  EXPECT_THAT(CutSteps(), ElementsAre(2));
  std::string stored(handed.SnapshotOf(handed.sessions[0]));
  Answer(CommitVerdict::kStored);
  watch_.steps_until_failure = 0;
  const ItemResult failed = Observe(Steps("a", 3, 1), {4});
  EXPECT_EQ(failed.status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(lane_.stats().sessions_lost.value(), 0);
  watch_.steps_until_failure = -1;

  Item again = Steps("a", 3, 1);
  again.want = Want::kForecast;
  Submit(Batch(again, {4}));
  EXPECT_THAT(loads, ElementsAre("a"));
  lane_.Loaded(
      "a",
      LoadedSession{
          .epoch = 6, .snapshot = *ParseSnapshot(stored), .model = model_},
      now_);
  RunDry();
  EXPECT_EQ(SumOf(sink_->results.back()), 7);
  EXPECT_THAT(CutSteps(), ElementsAre(3));
  EXPECT_EQ(handed.sessions[0].epoch, 6u);
}

TEST_F(LaneKeepTest, AsksForASessionOnceHoweverManyWait) {
  Submit(Batch(Steps("a", 1, 1), {1}));
  Submit(Batch(Steps("a", 2, 1), {1}));
  EXPECT_THAT(loads, ElementsAre("a"));
  lane_.Loaded("a", std::nullopt, now_);
  ASSERT_EQ(sink_->results.size(), 2u);
  EXPECT_EQ(ReasonOf(sink_->results[0].status), "session_unknown");
  EXPECT_EQ(lane_.stats().queued_items.value(), 0);
}

TEST_F(LaneKeepTest, AbandonsEverythingThatWaits) {
  OpenKept("a");
  auto waits = Batch(Steps("a", 1, 1), {1});
  waits->wait_durable = true;
  Submit(waits);
  RunDry();
  Submit(Batch(Steps("elsewhere", 1, 1), {1}));
  absl::Status opened;
  lane_.Open({.id = "b", .model = model_}, now_,
             [&](absl::StatusOr<SessionInfo> info) { opened = info.status(); });
  EXPECT_THAT(sink_->results, IsEmpty());
  const absl::Status draining = ErrorWithReason(
      absl::StatusCode::kUnavailable, "draining", "the server leaves");
  lane_.Abandon(draining, now_);
  EXPECT_EQ(sink_->results.size(), 2u);
  EXPECT_EQ(opened, draining);
  lane_.Created("b", CreatedSession{.epoch = 1}, now_);
  EXPECT_EQ(lane_.stats().queued_items.value(), 0);
}

TEST_F(LaneKeepTest, ASecondAnswerOfTheStoreTakesThePlaceOfTheFirst) {
  OpenKept("a");
  CutSteps();
  Observe(Steps("a", 1, 1), {1});
  CutSteps();
  const auto stored = ParseSnapshot(handed.SnapshotOf(handed.sessions[0]));
  Answer(CommitVerdict::kStored);
  const int64_t bytes = lane_.stats().session_bytes.value();
  const auto loaded = [&](uint64_t epoch) {
    return LoadedSession{.epoch = epoch, .snapshot = *stored, .model = model_};
  };
  Submit(Batch(Steps("b", 2, 1), {1}));
  lane_.Abandon(absl::UnavailableError("draining"), now_);
  Submit(Batch(Steps("b", 2, 1), {1}));
  EXPECT_THAT(loads, ElementsAre("b", "b"));
  lane_.Loaded("b", loaded(6), now_);
  RunDry();
  lane_.Loaded("b", loaded(7), now_);
  lane_.Open({.id = "c",
              .model = model_,
              .state = std::make_shared<const Snapshot>(*stored)},
             now_, [](const auto&) {});
  lane_.Loaded("c", loaded(6), now_);
  lane_.Created("c", CreatedSession{.epoch = 7}, now_);
  EXPECT_EQ(lane_.stats().sessions_live.value(), 3);
  EXPECT_EQ(lane_.stats().session_bytes.value(), 3 * bytes);
  EXPECT_EQ(lane_.stats().sessions_moved.value(), 2);
  now_ += std::chrono::hours(2);
  lane_.Housekeep(now_);
  EXPECT_EQ(lane_.stats().sessions_live.value(), 0);
}

class SmallLaneKeepTest : public LaneKeepTest {
 protected:
  SmallLaneKeepTest() : LaneKeepTest({.max_parked = 2}) {}
};

TEST_F(SmallLaneKeepTest, RefusesOpeningsWhenTooManyWaitForTheStore) {
  std::vector<std::string> refused;
  const auto open = [&](const std::string& id) {
    lane_.Open({.id = id, .model = model_}, now_,
               [&refused](absl::StatusOr<SessionInfo> info) {
                 if (!info.ok()) refused.push_back(*ReasonOf(info.status()));
               });
  };
  for (const char* id : {"a", "b", "c"}) open(id);
  EXPECT_THAT(refused, ElementsAre("queue_full"));
  EXPECT_EQ(creates.size(), 2u);
  lane_.Created("a", CreatedSession{.epoch = 1}, now_);
  open("c");
  EXPECT_EQ(creates.size(), 3u);
}

TEST_F(SmallLaneKeepTest, RefusesClosingsWhenTooManyWaitForTheStore) {
  for (const char* id : {"a", "b", "c"}) OpenKept(id);
  std::vector<std::string> outcomes;
  const auto close = [&](const std::string& id) {
    lane_.Close(id, now_, [&outcomes](absl::StatusOr<uint64_t> applied) {
      outcomes.push_back(ReasonOf(applied.status()).value_or("ok"));
    });
  };
  close("a");
  close("a");
  close("a");
  close("b");
  EXPECT_THAT(outcomes, ElementsAre("queue_full", "queue_full"));
  EXPECT_TRUE(lane_.Get("b", now_).ok()) << "it goes on";
  CutSteps();
  Answer(CommitVerdict::kStored);
  close("b");
  CutSteps();
  Answer(CommitVerdict::kStored);
  EXPECT_THAT(outcomes,
              ElementsAre("queue_full", "queue_full", "ok", "ok", "ok"));
}

TEST_F(SmallLaneKeepTest, RefusesReadsWhenTooManyWaitForTheStore) {
  lane_.KeepIn(this, /*shared=*/true);
  OpenKept("a");
  now_ += std::chrono::seconds(1);
  std::vector<std::string> outcomes;
  const auto look = [&] {
    lane_.Look("a", now_, [&outcomes](absl::StatusOr<SessionInfo> info) {
      outcomes.push_back(ReasonOf(info.status()).value_or("ok"));
    });
  };
  for (int i = 0; i < 3; ++i) look();
  EXPECT_THAT(outcomes, ElementsAre("queue_full"));
  CutSteps();
  Answer(CommitVerdict::kStored);
  EXPECT_THAT(outcomes, ElementsAre("queue_full", "ok", "ok"));
  now_ += std::chrono::seconds(1);
  look();
  lane_.Housekeep(now_ + std::chrono::seconds(2));
  look();
  look();
  EXPECT_THAT(outcomes,
              ElementsAre("queue_full", "ok", "ok", "store_unavailable"));
}

class FullLaneKeepTest : public LaneKeepTest {
 protected:
  FullLaneKeepTest() : LaneKeepTest({.sessions = {.max_sessions = 1}}) {}
};

TEST_F(FullLaneKeepTest, TakesBackWhatHasBegunWithoutRoom) {
  std::string reason;
  const OpenRequest request{.id = "b",
                            .request_id = "mine",
                            .model = model_,
                            .idle_ttl = std::chrono::hours(1)};
  lane_.Open(request, now_, [&](absl::StatusOr<SessionInfo> info) {
    reason = ReasonOf(info.status()).value_or("");
  });
  OpenKept("a");
  lane_.Created("b", CreatedSession{.epoch = 6}, now_);
  EXPECT_EQ(reason, "too_many_sessions");
  ASSERT_THAT(CutSteps(), ElementsAre(1)) << "its end";
  EXPECT_EQ(handed.sessions[0].kind, SnapshotKind::kClosed);
  EXPECT_EQ(handed.sessions[0].epoch, 6u);
  const auto row = ParseSnapshot(handed.SnapshotOf(handed.sessions[0]));
  EXPECT_EQ(row->request_id, "") << "the same request may begin it again";
  Answer(CommitVerdict::kStored);
  EXPECT_TRUE(lane_.clean());
}

}  // namespace
}  // namespace recur
