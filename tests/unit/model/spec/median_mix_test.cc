#include "model/spec/median_mix.h"

#include <gtest/gtest.h>

#include <vector>

namespace recur {
namespace {

// Of quantiles that are 10 times their levels.
double MedianOf(const std::vector<double>& levels) {
  const MedianMix mix = MixOfMedian(levels);
  return 10.0 *
         ((1.0 - mix.part) * levels[mix.below] + mix.part * levels[mix.above]);
}

TEST(MedianMixTest, InterpolatesBetweenTheLevelsAroundIt) {
  EXPECT_EQ(MedianOf({0.1, 0.5, 0.9}), 5.0);
  EXPECT_DOUBLE_EQ(MedianOf({0.1, 0.3, 0.9}), 5.0);
  EXPECT_DOUBLE_EQ(MedianOf({0.2, 0.6}), 5.0);
}

TEST(MedianMixTest, IsTheNearestLevelWhereAllLieOnOneSide) {
  EXPECT_EQ(MedianOf({0.7, 0.9}), 7.0);
  EXPECT_EQ(MedianOf({0.1, 0.2}), 2.0);
  EXPECT_EQ(MedianOf({0.4}), 4.0);
}

}  // namespace
}  // namespace recur
