#include "client/cli/forecast_score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "client/cli/forecast_view.h"

namespace recur::cli {
namespace {

using ::testing::HasSubstr;

constexpr double kNone = PlotPoint::kNone;

TEST(ForecastScoreTest, AveragesErrorsAndCountsHits) {
  ForecastScore score;
  score.Add({.truth = 10, .point = 13, .low = 9, .high = 15}, 6);
  score.Add({.truth = 20, .point = 19, .low = 21, .high = 25}, 18);
  EXPECT_EQ(score.count(), 2);
  EXPECT_DOUBLE_EQ(score.Mae(), 2.0);
  EXPECT_DOUBLE_EQ(score.Rmse(), std::sqrt(5.0));
  EXPECT_DOUBLE_EQ(score.NaiveMae(), 3.0);
  EXPECT_DOUBLE_EQ(score.Coverage(), 0.5);
}

TEST(ForecastScoreTest, TheEndsOfAnIntervalAreInside) {
  ForecastScore score;
  score.Add({.truth = 9, .point = 9, .low = 9, .high = 15}, 9);
  score.Add({.truth = 15, .point = 9, .low = 9, .high = 15}, 9);
  EXPECT_DOUBLE_EQ(score.Coverage(), 1.0);
}

TEST(ForecastScoreTest, MissingTruthsDoNotCount) {
  ForecastScore score;
  score.Add({.truth = kNone, .point = 13, .low = 9, .high = 15}, 6);
  EXPECT_EQ(score.count(), 0);
  EXPECT_TRUE(std::isnan(score.Mae()));
  EXPECT_TRUE(std::isnan(score.Coverage()));
  score.Add({.truth = 5, .point = 4}, kNone);
  EXPECT_DOUBLE_EQ(score.Mae(), 1.0);
  EXPECT_TRUE(std::isnan(score.NaiveMae()));
}

TEST(ForecastScoreTest, TheNaiveScaleIsTheMeanOneStepChange) {
  EXPECT_DOUBLE_EQ(NaiveScale({1, 3, 2, 2}), 1.0);
  EXPECT_DOUBLE_EQ(NaiveScale({1, 3, kNone, 7, 11}), 3.0);
  EXPECT_TRUE(std::isnan(NaiveScale({1})));
}

ForecastView TwoDays() {
  return {.forecast = {.point = {10, 11},
                       .quantiles = {8, 10, 12, 7, 11, 15},
                       .start_us = 86'400'000'000},
          .targets = {"temp"},
          .levels = {0.1, 0.5, 0.9},
          .interval = std::chrono::hours(24)};
}

TEST(ForecastViewTest, TellsPointsIntervalsAndTimes) {
  const ForecastView view = TwoDays();
  EXPECT_TRUE(view.Check().ok());
  EXPECT_EQ(view.horizon(), 2);
  EXPECT_EQ(view.Point(1, 0), 11);
  EXPECT_EQ(view.Low(1, 0), 7);
  EXPECT_EQ(view.High(0, 0), 12);
  EXPECT_EQ(view.IntervalName(), "80% interval");
  EXPECT_EQ(view.TimeName(1), "1970-01-03");
  EXPECT_EQ(ForecastTable(view),
            "time         temp   10%    50%    90%\n"
            "1970-01-02  10.00  8.00  10.00  12.00\n"
            "1970-01-03  11.00  7.00  11.00  15.00\n");
}

TEST(ForecastViewTest, CountsStepsWhereNoTimeIsKnown) {
  ForecastView view = TwoDays();
  view.interval = std::chrono::microseconds(0);
  EXPECT_EQ(view.TimeName(0), "+1");
}

TEST(ForecastViewTest, RefusesSizesThatDoNotAgree) {
  ForecastView view = TwoDays();
  view.forecast.quantiles.pop_back();
  EXPECT_EQ(view.Check().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(view.Check().message(), HasSubstr("5 quantiles"));
  view = TwoDays();
  view.targets.clear();
  EXPECT_FALSE(view.Check().ok());
}

}  // namespace
}  // namespace recur::cli
