#include "server/lane/lane.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <random>

#include "model/spec/error_reason.h"
#include "tests/unit/server/lane/lane_fixture.h"

namespace recur {
namespace {

TEST_F(LaneTest, SumsTheObservationsOfASession) {
  Open("a");
  for (int step = 1; step <= 5; ++step) {
    const ItemResult result = Observe(
        {.session_id = "a", .steps = 1, .want = Want::kForecast}, {1.0 * step});
    ASSERT_TRUE(result.status.ok()) << result.status;
    EXPECT_EQ(result.step, static_cast<uint64_t>(step));
    EXPECT_EQ(SumOf(result), step * (step + 1) / 2);
  }
}

TEST_F(LaneTest, AppliesAnItemOfManyStepsAndAnswersAfterTheLast) {
  Open("a");
  const ItemResult result = Observe(
      {.session_id = "a", .first_step = 1, .steps = 4, .want = Want::kForecast},
      {1, 2, 3, 4});
  EXPECT_EQ(result.step, 4u);
  EXPECT_EQ(result.applied_step, 4u);
  EXPECT_EQ(SumOf(result), 10);
}

TEST_F(LaneTest, AnswersADuplicateAgainWithoutApplyingIt) {
  Open("a");
  const Item item{
      .session_id = "a", .first_step = 1, .steps = 2, .want = Want::kForecast};
  const ItemResult first = Observe(item, {3, 4});
  EXPECT_FALSE(first.duplicate);
  const ItemResult again = Observe(item, {3, 4});
  EXPECT_TRUE(again.status.ok());
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.applied_step, 2u);
  EXPECT_EQ(*again.answer, *first.answer);
}

TEST_F(LaneTest, RecomputesTheNewestAnswerWhenOnlyAnAckWasAskedForBefore) {
  Open("a");
  Observe({.session_id = "a", .first_step = 1, .steps = 1}, {3});
  const ItemResult again = Observe(
      {.session_id = "a", .first_step = 1, .steps = 1, .want = Want::kForecast},
      {3});
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(SumOf(again), 3);
}

TEST_F(LaneTest, AppliesTheNewPartOfAnOverlappingItem) {
  Open("a");
  Observe({.session_id = "a", .first_step = 1, .steps = 2}, {1, 2});
  const ItemResult result = Observe(
      {.session_id = "a", .first_step = 2, .steps = 3, .want = Want::kForecast},
      {2, 3, 4});
  EXPECT_FALSE(result.duplicate);
  EXPECT_EQ(result.applied_step, 4u);
  EXPECT_EQ(SumOf(result), 10);
}

TEST_F(LaneTest, AnswersOldDuplicatesWithoutAnAnswer) {
  Open("a");
  for (int step = 1; step <= 8; ++step) {
    Observe({.session_id = "a", .steps = 1, .want = Want::kForecast}, {1});
  }
  const ItemResult old = Observe(
      {.session_id = "a", .first_step = 2, .steps = 1, .want = Want::kForecast},
      {999});
  EXPECT_TRUE(old.status.ok());
  EXPECT_TRUE(old.duplicate);
  EXPECT_EQ(old.answer, nullptr);
}

TEST_F(LaneTest, RefusesAChangedPayloadAndLeavesTheSession) {
  Open("a");
  Observe({.session_id = "a", .first_step = 1, .steps = 1}, {3});
  const ItemResult changed =
      Observe({.session_id = "a", .first_step = 1, .steps = 2}, {4, 5});
  EXPECT_EQ(ReasonOf(changed.status), "step_changed");
  EXPECT_EQ(changed.applied_step, 1u);
}

TEST_F(LaneTest, RefusesAWholeItemWhenOneStepOfItIsBad) {
  Open("a");
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const ItemResult bad =
      Observe({.session_id = "a", .first_step = 1, .steps = 3}, {1, 2, nan});
  EXPECT_EQ(bad.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(bad.status.message().substr(0, 8), "step 3: ");
  const ItemResult next = Observe(
      {.session_id = "a", .first_step = 1, .steps = 1, .want = Want::kForecast},
      {7});
  EXPECT_EQ(SumOf(next), 7);
}

TEST_F(LaneTest, RefusesAnotherWidthWithBothNumbers) {
  Open("a");
  const ItemResult result = Observe({.session_id = "a", .steps = 1}, {1, 2, 3});
  EXPECT_EQ(ReasonOf(result.status), "wrong_width");
  EXPECT_EQ(result.status.message(),
            "input has 3 features; model \"sum\" expects 1");
}

TEST_F(LaneTest, RefusesAnAnswerTheModelDoesNotGive) {
  Open("a");
  const ItemResult result =
      Observe({.session_id = "a", .steps = 1, .want = Want::kClass}, {1});
  EXPECT_EQ(ReasonOf(result.status), "wrong_want");
}

TEST_F(LaneTest, ReadsWithoutApplying) {
  Open("a");
  Observe({.session_id = "a", .steps = 2}, {1, 2});
  for (int i = 0; i < 2; ++i) {
    const ItemResult read =
        Observe({.session_id = "a", .want = Want::kForecast}, {});
    EXPECT_EQ(SumOf(read), 3);
    EXPECT_EQ(read.applied_step, 2u);
    EXPECT_FALSE(read.duplicate);
  }
  const ItemResult ahead =
      Observe({.session_id = "a", .want = Want::kForecast, .min_step = 3}, {});
  EXPECT_EQ(ReasonOf(ahead.status), "session_behind");
}

TEST_F(LaneTest, DoesNotApplyWhatIsPastItsDeadline) {
  Open("a");
  auto batch = Batch({.session_id = "a", .steps = 1}, {5});
  batch->deadline = now_;
  Submit(batch);
  RunDry();
  EXPECT_EQ(batch->results[0].status.code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(lane_.Get("a", now_)->applied_step, 0u);
}

TEST_F(LaneTest, DoesNotAnswerAReadThatIsPastItsDeadline) {
  Open("a");
  for (const bool late : {true, false, true}) {
    auto read = Batch({.session_id = "a", .want = Want::kForecast}, {});
    read->deadline = late ? now_ : now_ + std::chrono::seconds(1);
    Submit(read);
    RunDry();
    EXPECT_EQ(ReasonOf(read->results[0].status).value_or("ok"),
              late ? "deadline_exceeded" : "ok");
  }
  auto step = Batch({.session_id = "a", .steps = 1}, {5});
  Submit(step);
  auto read = Batch({.session_id = "a", .want = Want::kForecast}, {});
  read->deadline = now_;
  Submit(read);
  RunDry();
  EXPECT_TRUE(step->results[0].status.ok());
  EXPECT_EQ(ReasonOf(read->results[0].status), "deadline_exceeded");
  EXPECT_EQ(lane_.Get("a", now_)->applied_step, 1u);
}

TEST_F(LaneTest, RefusesToWaitForAStoreThatIsNotThere) {
  Open("a");
  auto batch = Batch({.session_id = "a", .steps = 1}, {5});
  batch->wait_durable = true;
  Submit(batch);
  RunDry();
  EXPECT_EQ(ReasonOf(batch->results[0].status), "not_durable");
}

TEST_F(LaneTest, ExpiresIdleSessionsAndSaysSo) {
  Open("a");
  Open("b");
  now_ += std::chrono::minutes(50);
  Observe({.session_id = "b", .steps = 1}, {1});
  now_ += std::chrono::minutes(20);
  lane_.Housekeep(now_);
  EXPECT_EQ(ReasonOf(lane_.Get("a", now_).status()), "session_expired");
  ASSERT_TRUE(lane_.Get("b", now_).ok());
  EXPECT_EQ(lane_.Get("b", now_)->expires_in, std::chrono::minutes(40));
}

TEST_F(LaneTest, FinishesTheRunningItemOfAClosedSessionAndRefusesTheRest) {
  Open("a");
  Submit(Batch({.session_id = "a", .steps = 2}, {1, 1}));
  Submit(Batch({.session_id = "a", .steps = 1}, {2}));
  lane_.Tick(now_);
  ASSERT_TRUE(lane_.Close("a").ok());
  RunDry();
  ASSERT_EQ(sink_->results.size(), 2u);
  EXPECT_EQ(ReasonOf(sink_->results[0].status), "session_closed");
  EXPECT_TRUE(sink_->results[1].status.ok());
  EXPECT_TRUE(lane_.Close("a").ok()) << "closing is idempotent";
  EXPECT_EQ(ReasonOf(lane_.Close("never").status()), "session_unknown");
  EXPECT_EQ(lane_.stats().session_bytes.value(), 0);
}

TEST_F(LaneTest, AnItemThatHasNotBegunIsRefusedWhenItsSessionIsClosed) {
  Open("a");
  Observe({.session_id = "a", .steps = 1}, {1});
  Submit(Batch({.session_id = "a", .steps = 1}, {2}));
  EXPECT_EQ(*lane_.Close("a"), 1u);
  RunDry();
  EXPECT_EQ(ReasonOf(sink_->results.back().status), "session_closed");
  EXPECT_EQ(sink_->results.back().applied_step, 1u);
  EXPECT_EQ(lane_.stats().queued_items.value(), 0);
}

TEST_F(LaneTest, OpensAgainOnlyForTheSameRequest) {
  const OpenRequest request{.id = "a",
                            .request_id = "r",
                            .model = model_,
                            .idle_ttl = std::chrono::hours(1)};
  ASSERT_TRUE(lane_.Open(request, now_).ok());
  Observe({.session_id = "a", .steps = 1}, {1});
  const auto again = lane_.Open(request, now_);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->applied_step, 1u);
  OpenRequest other = request;
  other.request_id = "s";
  EXPECT_EQ(lane_.Open(other, now_).status().code(),
            absl::StatusCode::kAlreadyExists);
}

TEST_F(LaneTest, GivesAWholeSequenceTheAnswerOfASession) {
  Open("a");
  const ItemResult stepped = Observe(
      {.session_id = "a", .steps = 3, .want = Want::kForecast}, {5, 6, 7});
  absl::StatusOr<Answer> whole = absl::UnknownError("not called");
  lane_.Submit(WholeSequence{.model = model_,
                             .values = {5, 6, 7},
                             .done =
                                 [&](absl::StatusOr<Answer> answer) {
                                   whole = std::move(answer);
                                 }},
               now_);
  RunDry();
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_EQ(*whole, *stepped.answer);
}

TEST_F(LaneTest, LetsALiveSessionOvertakeALongSequence) {
  Open("a");
  bool whole_done = false;
  lane_.Submit(
      WholeSequence{.model = model_,
                    .values = std::vector<double>(1000, 1.0),
                    .done = [&](absl::StatusOr<Answer>) { whole_done = true; }},
      now_);
  for (int i = 0; i < 10; ++i) lane_.Tick(now_);
  Submit(Batch({.session_id = "a", .steps = 1}, {1}));
  lane_.Tick(now_);
  EXPECT_EQ(sink_->results.size(), 1u);
  EXPECT_FALSE(whole_done);
  RunDry();
  EXPECT_TRUE(whole_done);
}

TEST_F(LaneTest, HoldsAModelForItsSessionsAlone) {
  const std::weak_ptr<const Servable> watched = model_;
  const std::weak_ptr<const Engine> engine = model_->engine;
  Open("a");
  model_.reset();
  lane_.Housekeep(now_);
  EXPECT_FALSE(watched.expired()) << "the session is pinned to it";
  ASSERT_TRUE(lane_.Close("a").ok());
  EXPECT_TRUE(watched.expired());
  lane_.Housekeep(now_);
  EXPECT_TRUE(engine.expired()) << "its workspace is still there";
}

class SmallLaneTest : public LaneTest {
 protected:
  SmallLaneTest()
      : LaneTest({.sessions = {.max_sessions = 2}, .max_queued_items = 3}) {}
};

TEST_F(SmallLaneTest, RefusesSessionsBeyondTheLimitAndEvictsNone) {
  Open("a");
  Open("b");
  const auto third = lane_.Open({.id = "c", .model = model_}, now_);
  EXPECT_EQ(third.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(third.status()), "too_many_sessions");
  EXPECT_TRUE(lane_.Get("a", now_).ok());
}

TEST_F(SmallLaneTest, RefusesItemsBeyondTheQueueAndTakesThemLater) {
  Open("a");
  for (int i = 0; i < 5; ++i) {
    Submit(Batch({.session_id = "a", .steps = 1}, {1}));
  }
  ASSERT_EQ(sink_->results.size(), 2u);
  EXPECT_EQ(ReasonOf(sink_->results[0].status), "queue_full");
  RunDry();
  EXPECT_EQ(sink_->results.size(), 5u);
  EXPECT_TRUE(Observe({.session_id = "a", .steps = 1}, {1}).status.ok());
  EXPECT_EQ(lane_.Get("a", now_)->applied_step, 4u);
}

// 50 sessions under random items, retries and gaps, against plain sums.
TEST_F(LaneTest, KeepsEverySumRightUnderRandomItems) {
  std::mt19937 random(11);
  std::map<std::string, std::vector<double>> sent;
  for (int i = 0; i < 50; ++i) {
    Open("s" + std::to_string(i));
    sent["s" + std::to_string(i)];
  }
  for (int round = 0; round < 400; ++round) {
    auto batch = std::make_shared<ItemBatch>();
    batch->sink = sink_;
    std::vector<double> expected;
    for (int i = 0; i < 20; ++i) {
      const std::string id = "s" + std::to_string(random() % 50);
      std::vector<double>& values = sent[id];
      const size_t back = random() % 3 == 0 ? random() % 3 : 0;
      const size_t first = values.size() - std::min(back, values.size());
      const int steps = 1 + static_cast<int>(random() % 4);
      for (int s = 0; s < steps; ++s) {
        if (first + s == values.size()) values.push_back(random() % 10);
        batch->values.push_back(values[first + s]);
      }
      batch->value_counts.push_back(steps);
      batch->items.push_back({.session_id = id,
                              .first_step = first + 1,
                              .steps = steps,
                              .want = Want::kForecast});
      double sum = 0;
      for (size_t s = 0; s < first + steps; ++s) sum += values[s];
      expected.push_back(sum);
    }
    Submit(batch);
    RunDry();
    for (size_t i = 0; i < expected.size(); ++i) {
      ASSERT_TRUE(batch->results[i].status.ok()) << batch->results[i].status;
      if (batch->results[i].answer == nullptr) {
        ASSERT_TRUE(batch->results[i].duplicate);
        continue;
      }
      ASSERT_EQ(SumOf(batch->results[i]), expected[i]);
    }
  }
  EXPECT_GT(lane_.stats().steps_duplicate.value(), 1000);
}

}  // namespace
}  // namespace recur
