#include "model/train/forecast/future_rows.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace recur {
namespace {

using testing::ElementsAre;

constexpr int kHorizon = 3;

// What origin `origin` is told of step `step`: how far it is, and the step.
std::vector<float> RowsOf(int origin) {
  std::vector<float> rows;
  for (int k = 0; k < kHorizon; ++k) {
    rows.push_back(static_cast<float>(100 * origin + k));
    rows.push_back(static_cast<float>(origin + k));
  }
  return rows;
}

FutureRows Some(const std::vector<int>& origins) {
  FutureRows rows(kHorizon, {false, true});
  for (int origin : origins) rows.Add(origin, RowsOf(origin));
  return rows;
}

TEST(FutureRowsTest, GivesBackWhatEveryOriginWasTold) {
  const std::vector<int> origins = {0, 1, 2, 7, 8};
  const FutureRows rows = Some(origins);
  ASSERT_EQ(rows.origins(), origins.size());
  ASSERT_EQ(rows.columns(), 2);
  for (size_t i = 0; i < origins.size(); ++i) {
    std::vector<float> told = {-1.0f};
    rows.AppendTo(i, &told);
    std::vector<float> expected = RowsOf(origins[i]);
    expected.insert(expected.begin(), -1.0f);
    EXPECT_EQ(told, expected) << origins[i];
    EXPECT_EQ(rows.At(i, 2, 0), 100 * origins[i] + 2);
    EXPECT_EQ(rows.At(i, 2, 1), origins[i] + 2);
  }
}

TEST(FutureRowsTest, PicksColumnsOverTheirDivisors) {
  const FutureRows rows = Some({4, 5});
  std::vector<float> told;
  rows.Pick({1, 0}, {1.0, 100.0}).AppendTo(1, &told);
  EXPECT_THAT(told, ElementsAre(5.0f, 5.0f, 6.0f, 5.01f, 7.0f, 5.02f));
  told.clear();
  const FutureRows none = rows.Pick({}, {});
  EXPECT_EQ(none.origins(), 2u);
  none.AppendTo(1, &told);
  EXPECT_TRUE(told.empty());
}

}  // namespace
}  // namespace recur
