#include "model/train/learning/early_stopping.h"

#include <limits>

#include "gtest/gtest.h"

namespace recur {
namespace {

TEST(EarlyStoppingTest, StopsAfterLooksWithoutGain) {
  EarlyStopping stopping(2);
  EXPECT_TRUE(stopping.Add(10, 3.0));
  EXPECT_TRUE(stopping.Add(20, 2.0));
  EXPECT_FALSE(stopping.Add(30, 2.5));
  EXPECT_FALSE(stopping.ShouldStop());
  EXPECT_FALSE(stopping.Add(40, 2.0));
  EXPECT_TRUE(stopping.ShouldStop());
  EXPECT_EQ(stopping.best_step(), 20);
  EXPECT_EQ(stopping.best_error(), 2.0);
}

TEST(EarlyStoppingTest, WaitsForTheLeastSteps) {
  EarlyStopping stopping(1, 30);
  stopping.Add(10, 1.0);
  stopping.Add(20, 2.0);
  EXPECT_FALSE(stopping.ShouldStop());
  stopping.Add(30, 2.0);
  EXPECT_TRUE(stopping.ShouldStop());
}

TEST(EarlyStoppingTest, ANaNIsNoGain) {
  EarlyStopping stopping(1);
  EXPECT_FALSE(stopping.Add(1, std::numeric_limits<double>::quiet_NaN()));
  EXPECT_TRUE(stopping.ShouldStop());
}

TEST(EarlyStoppingTest, LooksAreDenseAtFirstAndEndWithTheCap) {
  // 800 * (j / 16)^1.5 for j = 1, 2 and 8.
  const std::vector<int> steps = ValidationSteps(800);
  ASSERT_EQ(steps.size(), 16u);
  EXPECT_EQ(steps[0], 13);
  EXPECT_EQ(steps[1], 35);
  EXPECT_EQ(steps[7], 283);
  EXPECT_EQ(steps.back(), 800);
}

TEST(EarlyStoppingTest, ASmallCapHasFewLooks) {
  EXPECT_EQ(ValidationSteps(5), std::vector<int>{5});
  for (int step : ValidationSteps(40)) EXPECT_GE(step, 8);
}

}  // namespace
}  // namespace recur
