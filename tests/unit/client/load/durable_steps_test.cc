#include "client/load/durable_steps.h"

#include <gtest/gtest.h>

namespace recur::load {
namespace {

using std::chrono::microseconds;

TimePoint At(int64_t us) { return TimePoint(microseconds(us)); }

class DurableStepsTest : public ::testing::Test {
 protected:
  DurableStepsTest() { stats_.Measure(At(0), At(1'000)); }

  LoadStats stats_;
  DurableSteps steps_{2};
};

TEST_F(DurableStepsTest, KeepsNothingUnlessTheServerDoes) {
  steps_.Sent(0, 1, At(10));
  steps_.Durable(0, 1, At(20), &stats_);
  EXPECT_FALSE(steps_.keeps());
  EXPECT_EQ(steps_.open(), 0u);
  EXPECT_EQ(stats_.durable_lag().count(), 0u);
}

TEST_F(DurableStepsTest, AWatermarkCoversAllStepsUpToIt) {
  steps_.Keep();
  for (uint64_t step = 1; step <= 4; ++step) {
    steps_.Sent(0, step, At(100 * static_cast<int64_t>(step)));
    steps_.Sent(1, 2 * step, At(100));
  }
  EXPECT_EQ(steps_.open(), 8u);
  steps_.Durable(0, 3, At(500), &stats_);
  EXPECT_EQ(steps_.open(), 5u);
  EXPECT_EQ(stats_.durable_lag().count(), 3u);
  EXPECT_EQ(stats_.durable_lag().max(), microseconds(400));
  EXPECT_EQ(stats_.durable_lag().MeanNanoseconds(), 300'000);
  steps_.Durable(0, 3, At(600), &stats_);
  steps_.Durable(0, 2, At(600), &stats_);
  EXPECT_EQ(steps_.open(), 5u);
  // An item of several steps is durable when its last one is.
  steps_.Durable(1, 5, At(700), &stats_);
  EXPECT_EQ(steps_.open(), 3u);
}

TEST_F(DurableStepsTest, ARefusedStepCountsFromWhenItIsSentAnew) {
  steps_.Keep();
  for (uint64_t step = 1; step <= 3; ++step) steps_.Sent(0, step, At(0));
  steps_.Refused(0, 2);
  EXPECT_EQ(steps_.open(), 1u);
  steps_.Sent(0, 2, At(900));
  steps_.Durable(0, 2, At(950), &stats_);
  EXPECT_EQ(steps_.open(), 0u);
  EXPECT_EQ(stats_.durable_lag().count(), 2u);
  EXPECT_EQ(stats_.durable_lag().MeanNanoseconds(), 500'000);
}

TEST_F(DurableStepsTest, WhatWasDueBeforeTheMeasurementIsNotMeasured) {
  steps_.Keep();
  steps_.Sent(0, 1, At(-10));
  steps_.Sent(0, 2, At(1'000));
  steps_.Durable(0, 2, At(2'000), &stats_);
  EXPECT_EQ(steps_.open(), 0u);
  EXPECT_EQ(stats_.durable_lag().count(), 0u);
}

TEST_F(DurableStepsTest, AHandleThatIsNoneOfOursIsIgnored) {
  steps_.Keep();
  steps_.Durable(7, 1, At(10), &stats_);
  EXPECT_EQ(steps_.open(), 0u);
}

}  // namespace
}  // namespace recur::load
