#include "model/train/report/chart_axis.h"

#include <cmath>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Labels(const Axis& axis) {
  std::vector<std::string> labels;
  for (const Tick& tick : axis.ticks) labels.push_back(tick.label);
  return labels;
}

TEST(ChartAxisTest, TicksAreRoundNumbers) {
  EXPECT_THAT(Labels(MakeAxis(0.0, 1.0, 5)),
              ElementsAre("0", "0.2", "0.4", "0.6", "0.8", "1.0"));
  EXPECT_THAT(Labels(MakeAxis(-23.0, 7.0, 3)), ElementsAre("-20", "-10", "0"));
  EXPECT_THAT(Labels(MakeAxis(0.0031, 0.0078, 4)),
              ElementsAre("0.004", "0.006"));
}

TEST(ChartAxisTest, LargeNumbersHaveAUnit) {
  EXPECT_THAT(Labels(MakeAxis(0.0, 60000.0, 3)),
              ElementsAre("0", "20k", "40k", "60k"));
  EXPECT_THAT(Labels(MakeAxis(1.5e7, 2.5e7, 2)),
              ElementsAre("15M", "20M", "25M"));
}

TEST(ChartAxisTest, TheEndsAreThoseAskedFor) {
  const Axis axis = MakeAxis(-3.0, 12.0, 4);
  EXPECT_DOUBLE_EQ(axis.Part(-3.0), 0.0);
  EXPECT_DOUBLE_EQ(axis.Part(12.0), 1.0);
}

TEST(ChartAxisTest, OneValueHasRoomAroundIt) {
  const Axis axis = MakeAxis(7.0, 7.0, 4);
  EXPECT_LT(axis.low, 7.0);
  EXPECT_GT(axis.high, 7.0);
  EXPECT_FALSE(axis.ticks.empty());
}

TEST(ChartAxisTest, WhatIsNoRangeIsZeroToOne) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const Axis& axis :
       {MakeAxis(infinity, -infinity, 4), MakeAxis(2.0, 1.0, 4),
        MakeAxis(std::nan(""), 1.0, 4), MakeAxis(-1e308, 1e308, 4)}) {
    EXPECT_EQ(axis.low, 0.0);
    EXPECT_EQ(axis.high, 1.0);
  }
}

TEST(ChartAxisTest, TicksAreFewWhateverTheRange) {
  for (double size : {1e-12, 1e-5, 0.3, 1.0, 47.0, 9e5, 3e11, 1e250}) {
    for (double low : {-1.0, 0.0, 1.0}) {
      const Axis axis = MakeAxis(low * size, (low + 1.0) * size, 4);
      EXPECT_GE(axis.ticks.size(), 2u) << size;
      EXPECT_LE(axis.ticks.size(), 6u) << size;
      for (const Tick& tick : axis.ticks) EXPECT_LE(tick.label.size(), 12u);
    }
  }
}

TEST(ChartAxisTest, TheLabelsOfAMeterThatCountsUpDiffer) {
  EXPECT_THAT(Labels(MakeAxis(5000000123.0, 5000000130.0, 3)),
              ElementsAre("5000000125", "5000000130"));
}

TEST(ChartAxisTest, TicksThatWouldBeTheSameAreLeftOut) {
  EXPECT_TRUE(MakeAxis(1e17, 1e17 + 64.0, 4).ticks.empty());
}

}  // namespace
}  // namespace recur
