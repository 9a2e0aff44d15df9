#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/unit/server/lane/lane_fixture.h"

namespace recur {
namespace {

// A lane with batches of two rows, so that a message takes more than one.
class ResultHoldTest : public LaneTest {
 protected:
  ResultHoldTest() : LaneTest(PairsOfRows()) {
    for (const char* id : {"a", "b", "c", "d", "e"}) Open(id);
  }

  static Lane::Options PairsOfRows() {
    Lane::Options options;
    options.max_batch_rows = 2;
    options.max_result_hold = std::chrono::milliseconds(1);
    return options;
  }

  // One step of each session, in one message.
  void SubmitOneStepOf(const std::vector<std::string>& ids) {
    auto batch = std::make_shared<ItemBatch>();
    for (const std::string& id : ids) {
      batch->items.push_back({.session_id = id, .steps = 1});
      batch->values.push_back(1);
      batch->value_counts.push_back(1);
    }
    batch->arrived = now_;
    batch->sink = sink_;
    Submit(batch);
  }
};

TEST_F(ResultHoldTest, SendsTheResultsOfAMessageTogether) {
  SubmitOneStepOf({"a", "b", "c"});
  SubmitOneStepOf({"d", "e"});
  lane_.Tick(now_);
  EXPECT_TRUE(sink_->order.empty());
  lane_.Tick(now_);
  EXPECT_EQ(sink_->order, (std::vector<std::string>{"a", "b", "c"}));
  lane_.Tick(now_);
  EXPECT_EQ(sink_->order, (std::vector<std::string>{"a", "b", "c", "d", "e"}));
}

TEST_F(ResultHoldTest, HoldsNothingLongerThanItsLimit) {
  SubmitOneStepOf({"a", "b", "c", "d", "e"});
  lane_.Tick(now_);
  EXPECT_TRUE(sink_->order.empty());
  lane_.Tick(now_ + std::chrono::milliseconds(1));
  EXPECT_EQ(sink_->order, (std::vector<std::string>{"a", "b", "c", "d"}));
}

TEST_F(ResultHoldTest, HoldsNothingWhenThereIsNothingElseToDo) {
  SubmitOneStepOf({"a"});
  lane_.Tick(now_);
  EXPECT_EQ(sink_->order, std::vector<std::string>{"a"});
}

// The second message is complete first, and has a step of "a" as well.
TEST_F(ResultHoldTest, KeepsTheOrderOfASessionAcrossMessages) {
  auto slow = Batch({.session_id = "b", .steps = 9}, std::vector<double>(9, 1));
  slow->items.insert(slow->items.begin(), {.session_id = "a", .steps = 1});
  slow->values.push_back(1);
  slow->value_counts = {1, 9};
  Submit(slow);
  SubmitOneStepOf({"a"});
  RunDry();
  EXPECT_EQ(sink_->order, (std::vector<std::string>{"a", "a", "b"}));
  EXPECT_EQ(sink_->results[0].step, 1u);
  EXPECT_EQ(sink_->results[1].step, 2u);
}

}  // namespace
}  // namespace recur
