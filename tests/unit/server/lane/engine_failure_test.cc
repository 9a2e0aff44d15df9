// What a fault of the engine does: a session is never continued from a state
// that is half-way through a step.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/network/random_weights.h"
#include "model/spec/error_reason.h"
#include "tests/unit/server/lane/lane_fixture.h"
#include "tests/unit/server/lane/watched_engine.h"

namespace recur {
namespace {

class EngineFailureTest : public LaneTest {
 protected:
  EngineFailureTest() { model_ = Watched(model_, &watch_); }

  std::string ReasonOfGet(const std::string& id) {
    return ReasonOf(lane_.Get(id, now_).status()).value_or("live");
  }

  Watch watch_;
};

TEST_F(EngineFailureTest, LosesTheSessionOfAFailedStep) {
  Open("a");
  Observe({.session_id = "a", .steps = 2}, {1, 2});
  watch_.steps_until_failure = 0;
  const ItemResult failed = Observe({.session_id = "a", .steps = 1}, {3});
  EXPECT_EQ(failed.status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(ReasonOf(failed.status), "session_lost");
  EXPECT_EQ(failed.status.message(),
            "session \"a\" is lost: its step failed: the engine broke");
  watch_.steps_until_failure = -1;
  const ItemResult next =
      Observe({.session_id = "a", .steps = 1, .want = Want::kForecast}, {3});
  EXPECT_EQ(next.status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(next.status), "session_lost");
  EXPECT_EQ(ReasonOfGet("a"), "session_lost");
  EXPECT_EQ(lane_.stats().sessions_lost.value(), 1);
  EXPECT_EQ(lane_.stats().sessions_live.value(), 0);
  EXPECT_EQ(lane_.stats().session_bytes.value(), 0);
  EXPECT_EQ(lane_.stats().queued_items.value(), 0);
}

TEST_F(EngineFailureTest, RefusesTheItemsThatWaitedBehindTheFailedOne) {
  Open("a");
  Open("b");
  for (int i = 0; i < 3; ++i) {
    Submit(Batch({.session_id = "a", .steps = 1}, {1}));
  }
  watch_.steps_until_failure = 0;
  lane_.Tick(now_);
  watch_.steps_until_failure = -1;
  ASSERT_EQ(sink_->results.size(), 3u);
  for (const ItemResult& result : sink_->results) {
    EXPECT_EQ(ReasonOf(result.status), "session_lost");
  }
  EXPECT_TRUE(lane_.idle());
  const ItemResult other =
      Observe({.session_id = "b", .steps = 1, .want = Want::kForecast}, {4});
  EXPECT_EQ(SumOf(other), 4) << "who was not in the batch goes on";
}

TEST_F(EngineFailureTest, SaysWhichStepsWereAppliedBeforeAFailureInside) {
  Open("a");
  watch_.steps_until_failure = 2;
  const ItemResult failed =
      Observe({.session_id = "a", .steps = 4}, {1, 2, 3, 4});
  EXPECT_EQ(ReasonOf(failed.status), "session_lost");
  EXPECT_EQ(failed.applied_step, 2u);
  EXPECT_THAT(DetailsOf(lane_.Get("a", now_).status()),
              ::testing::ElementsAre(std::pair("applied_step", "2")));
}

TEST_F(EngineFailureTest, KeepsASessionWhoseStepsAreTakenWhenOnlyTheHeadFails) {
  Open("a");
  watch_.fail_heads = true;
  const Item item{
      .session_id = "a", .first_step = 1, .steps = 2, .want = Want::kForecast};
  Submit(Batch(item, {1, 2}));
  Submit(Batch({.session_id = "a", .steps = 1}, {4}));
  RunDry();
  ASSERT_EQ(sink_->results.size(), 2u);
  EXPECT_EQ(sink_->results[0].status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(sink_->results[0].applied_step, 2u);
  EXPECT_TRUE(sink_->results[1].status.ok()) << sink_->results[1].status;
  watch_.fail_heads = false;
  const ItemResult read =
      Observe({.session_id = "a", .want = Want::kForecast}, {});
  EXPECT_EQ(SumOf(read), 7);
}

TEST_F(EngineFailureTest, KeepsTheSessionOfAFailedRead) {
  Open("a");
  Observe({.session_id = "a", .steps = 1}, {5});
  watch_.fail_heads = true;
  const ItemResult failed =
      Observe({.session_id = "a", .want = Want::kForecast}, {});
  EXPECT_EQ(failed.status.code(), absl::StatusCode::kInternal);
  watch_.fail_heads = false;
  EXPECT_EQ(SumOf(Observe({.session_id = "a", .want = Want::kForecast}, {})),
            5);
}

TEST_F(EngineFailureTest, LeavesANewSessionOfTheSameIdAlone) {
  Open("a");
  Submit(Batch({.session_id = "a", .steps = 2}, {1, 1}));
  lane_.Tick(now_);
  ASSERT_TRUE(lane_.Close("a").ok());
  Open("a");
  watch_.steps_until_failure = 0;
  RunDry();
  watch_.steps_until_failure = -1;
  ASSERT_EQ(sink_->results.size(), 1u);
  EXPECT_EQ(sink_->results[0].status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(ReasonOfGet("a"), "live");
  EXPECT_EQ(SumOf(Observe(
                {.session_id = "a", .steps = 1, .want = Want::kForecast}, {9})),
            9);
}

TEST_F(EngineFailureTest, AnswersWholeSequencesWithTheFault) {
  absl::StatusOr<Answer> whole = absl::UnknownError("not called");
  const auto submit = [&](const std::shared_ptr<const Servable>& model) {
    lane_.Submit(WholeSequence{.model = model,
                               .values = {5, 6},
                               .done =
                                   [&](absl::StatusOr<Answer> answer) {
                                     whole = std::move(answer);
                                   }},
                 now_);
    RunDry();
  };
  watch_.steps_until_failure = 0;
  submit(model_);
  EXPECT_EQ(whole.status().message(), "the engine broke");

  Model both_ways;
  both_ways.spec.features.columns = {{.name = "a"}};
  both_ways.spec.labels = {"off", "on"};
  both_ways.spec.network.input_size = 1;
  both_ways.spec.network.hidden_size = 2;
  both_ways.spec.network.classes = 2;
  both_ways.spec.network.bidirectional = true;
  both_ways.weights = RandomWeights(both_ways.spec.network, 2, 0.5f);
  watch_.fail_sequences = true;
  submit(Watched(ServableOf(both_ways, "both_ways"), &watch_));
  EXPECT_EQ(whole.status().message(), "it broke");
  EXPECT_EQ(lane_.stats().queued_items.value(), 0);
}

class SmallBatchTest : public LaneTest {
 protected:
  SmallBatchTest() : LaneTest({.max_batch_rows = 4}) {
    model_ = Watched(model_, &watch_);
  }
  Watch watch_;
};

TEST_F(SmallBatchTest, AnswersManyReadsInHeadsOfBoundedSize) {
  for (int i = 0; i < 30; ++i) {
    const std::string id = "s" + std::to_string(i);
    Open(id);
    Submit(Batch({.session_id = id, .want = Want::kForecast}, {}));
  }
  RunDry();
  EXPECT_EQ(sink_->results.size(), 30u);
  EXPECT_EQ(watch_.most_head_rows, 4u);
}

TEST_F(SmallBatchTest, DoesNotLetAQueueOfReadsHoldUpAStep) {
  Open("a");
  Open("b");
  for (int i = 0; i < 50; ++i) {
    Submit(Batch({.session_id = "a", .want = Want::kForecast}, {}));
  }
  lane_.Tick(now_);
  Submit(Batch({.session_id = "b", .steps = 1}, {1}));
  lane_.Tick(now_);
  EXPECT_LT(sink_->results.size(), 10u);
  EXPECT_THAT(sink_->order, ::testing::Contains("b"));
  EXPECT_EQ(lane_.Get("b", now_)->applied_step, 1u);
  RunDry();
  EXPECT_EQ(sink_->results.size(), 51u);
}

}  // namespace
}  // namespace recur
