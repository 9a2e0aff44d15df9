#include "model/train/forecast/ridge.h"

#include <cmath>

#include "gtest/gtest.h"
#include "model/train/learning/random.h"

namespace recur {
namespace {

// y0 = 2 a - 3 b + 1, y1 = b, with `noise`, in five folds.
RidgeSums Gather(int samples, double noise) {
  RidgeSums sums(3, 2, 5);
  Random random(1);
  for (int i = 0; i < samples; ++i) {
    const double a = random.Uniform(-1.0f, 1.0f);
    const double b = random.Uniform(-1.0f, 1.0f);
    const double error = noise * random.Uniform(-1.0f, 1.0f);
    sums.Add(i % 5, {a, b, 1.0}, {2 * a - 3 * b + 1 + error, b});
  }
  return sums;
}

TEST(RidgeTest, FindsTheWeightsThatMadeTheData) {
  const RidgeFit fit = Gather(1000, 0.0).Fit();
  const double expected[] = {2.0, 0.0, -3.0, 1.0, 1.0, 0.0};
  EXPECT_EQ(fit.penalty, 1e-6);
  ASSERT_EQ(fit.folds.size(), 5u);
  for (int i = 0; i < 6; ++i) {
    EXPECT_NEAR(fit.all[i], expected[i], 1e-4);
    EXPECT_NEAR(fit.folds[3][i], expected[i], 1e-4);
  }
}

TEST(RidgeTest, PenalisesMoreWhereFoldsDisagree) {
  EXPECT_GT(Gather(15, 4.0).Fit().penalty, 1e-6);
}

TEST(RidgeTest, AFoldDoesNotKnowItsOwnSamples) {
  RidgeSums sums(1, 1, 2);
  for (int i = 0; i < 10; ++i) {
    sums.Add(0, {1.0}, {5.0});
    sums.Add(1, {1.0}, {-5.0});
  }
  const RidgeFit fit = sums.Fit();
  EXPECT_LT(fit.folds[0][0], -4.0);
  EXPECT_GT(fit.folds[1][0], 4.0);
  EXPECT_NEAR(fit.all[0], 0.0, 1e-9);
}

TEST(RidgeTest, InputsThatAreAlwaysZeroKeepZeroWeights) {
  RidgeSums sums(2, 1, 2);
  for (int i = 0; i < 10; ++i) sums.Add(i % 2, {0.0, 0.0}, {1.0});
  const RidgeFit fit = sums.Fit();
  EXPECT_EQ(fit.all, (std::vector<double>{0.0, 0.0}));
  EXPECT_EQ(fit.folds[1], (std::vector<double>{0.0, 0.0}));
}

TEST(RidgeTest, WithoutSamplesAllIsZero) {
  const RidgeFit fit = RidgeSums(2, 1, 3).Fit();
  EXPECT_EQ(fit.all, (std::vector<double>{0.0, 0.0}));
}

}  // namespace
}  // namespace recur
