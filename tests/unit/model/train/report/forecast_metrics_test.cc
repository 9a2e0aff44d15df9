#include "model/train/report/forecast_metrics.h"

#include <cmath>
#include <limits>
#include <vector>

#include "gtest/gtest.h"

namespace recur {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(ForecastMetricsTest, MatchesAComputationByHand) {
  ForecastScorer scorer("model", 2, {0.1, 0.5, 0.9});
  scorer.Add({10.0, 20.0}, {11.0, 16.0}, {8.0, 11.0, 12.0, 14.0, 16.0, 18.0},
             {2.0, 5.0, 10.0});
  const ForecastScore score = scorer.Score();
  EXPECT_EQ(score.values, 2);
  EXPECT_DOUBLE_EQ(score.mae, 2.5);
  EXPECT_DOUBLE_EQ(score.rmse, std::sqrt(8.5));
  EXPECT_DOUBLE_EQ(score.mase, 1.25);
  EXPECT_DOUBLE_EQ(score.mase_by_window, 0.5);
  EXPECT_DOUBLE_EQ(score.scaled_mse, 8.5 / 100.0);
  EXPECT_DOUBLE_EQ(score.smape, (200.0 / 21.0 + 800.0 / 36.0) / 2.0);
  EXPECT_EQ(score.mae_by_step, (std::vector<double>{1.0, 4.0}));
  // Pinball: .1 * 2 + .5 * 1 + .1 * 2 and .1 * 6 + .5 * 4 + .9 * 2.
  EXPECT_NEAR(score.weighted_quantile_loss, 2.0 * (0.9 + 4.4) / 3.0 / 30.0,
              1e-12);
  EXPECT_NEAR(score.quantile_loss, 2.0 * (0.9 + 4.4) / 6.0, 1e-12);
  EXPECT_DOUBLE_EQ(score.coverage, 0.5);
  EXPECT_NEAR(score.coverage_nominal, 0.8, 1e-12);
}

TEST(ForecastMetricsTest, LeavesMissingTruthsOut) {
  ForecastScorer scorer("model", 2, {});
  scorer.Add({kNaN, 3.0}, {100.0, 1.0}, {}, {});
  const ForecastScore score = scorer.Score();
  EXPECT_EQ(score.values, 1);
  EXPECT_DOUBLE_EQ(score.mae, 2.0);
  EXPECT_TRUE(std::isnan(score.mae_by_step[0]));
  EXPECT_TRUE(std::isnan(score.coverage));
}

TEST(ForecastMetricsTest, FindsTheEightyPercentInterval) {
  const std::vector<double> levels = {0.05, 0.1, 0.5, 0.9, 0.95};
  const Interval interval = IntervalNear(levels, 0.8);
  EXPECT_EQ(interval.low, 1);
  EXPECT_EQ(interval.high, 3);
  EXPECT_FALSE(IntervalNear({0.5, 0.9}, 0.8).Any());
}

TEST(ForecastMetricsTest, SeasonalDifferenceSkipsMissingValues) {
  EXPECT_DOUBLE_EQ(MeanSeasonalDifference({1.0, 2.0, kNaN, 5.0, 9.0, 5.0}, 2),
                   (3.0 + 0.0) / 2.0);
  EXPECT_TRUE(std::isnan(MeanSeasonalDifference({1.0}, 2)));
}

}  // namespace
}  // namespace recur
