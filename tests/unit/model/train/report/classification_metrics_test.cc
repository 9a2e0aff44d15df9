#include "model/train/report/classification_metrics.h"

#include "gtest/gtest.h"

namespace recur {
namespace {

TEST(ClassificationMetricsTest, MatchesAComputationByHand) {
  // a: 3 of which 2 called a; b: 2 of which 1 called b; c: 1, called a.
  const ClassificationScore score = ScoreClasses(
      "model", {"a", "b", "c"}, {0, 0, 0, 1, 1, 2}, {0, 0, 1, 1, 0, 0});
  EXPECT_DOUBLE_EQ(score.accuracy, 0.5);
  EXPECT_DOUBLE_EQ(score.classes[0].precision, 0.5);
  EXPECT_DOUBLE_EQ(score.classes[0].recall, 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(score.classes[0].f1, 4.0 / 7.0);
  EXPECT_DOUBLE_EQ(score.classes[1].f1, 0.5);
  EXPECT_DOUBLE_EQ(score.classes[2].f1, 0.0);
  EXPECT_NEAR(score.macro_f1, (4.0 / 7.0 + 0.5) / 3.0, 1e-12);
  EXPECT_EQ(score.confusion[2], (std::vector<int>{1, 0, 0}));
}

TEST(ClassificationMetricsTest, ClassesThatDoNotOccurAreNotInTheMeans) {
  const ClassificationScore score =
      ScoreClasses("model", {"a", "b", "c"}, {0, 1}, {0, 1});
  EXPECT_DOUBLE_EQ(score.macro_f1, 1.0);
  EXPECT_EQ(score.classes[2].support, 0);
}

TEST(ClassificationMetricsTest, MajorityIsTheMostFrequentClass) {
  EXPECT_EQ(MajorityClass(3, {2, 1, 2}), 2);
  EXPECT_EQ(MajorityClass(3, {1, 0}), 0);
}

}  // namespace
}  // namespace recur
