#include "model/train/forecast/forecast_folds.h"

#include <cmath>
#include <string>

#include "gtest/gtest.h"
#include "model/network/onednn/onednn_engine.h"
#include "tests/unit/model/train/forecast/series_fixtures.h"

namespace recur {
namespace {

double Week(int day) { return 5.0 + day % 7; }

TEST(ForecastFoldsTest, EachEndsWhereTheNextOnesTestBegins) {
  const auto data = ParseSeries(DailyCsv(100, Week), 3, 12);
  ASSERT_TRUE(data.ok()) << data.status();
  const auto folds = RollingFolds(*data, 3);
  ASSERT_TRUE(folds.ok()) << folds.status();
  ASSERT_EQ(folds->size(), 3u);
  // 88 rows to train on; the last fold is tested on 76 to 87.
  for (int i = 0; i < 3; ++i) {
    const ForecastSeries& own = (*folds)[i].series[0];
    EXPECT_EQ(own.test_rows, 12);
    EXPECT_EQ(own.train_rows(), 52 + 12 * i);
    EXPECT_EQ(own.table.times.size(), own.table.values.size());
    EXPECT_EQ(own.table.times.back(),
              data->series[0].table.times[own.table.rows() - 1]);
  }
}

TEST(ForecastFoldsTest, WithoutATestPartAFoldIsAHorizon) {
  const auto data = ParseSeries(DailyCsv(50, Week), 3, 0);
  const auto folds = RollingFolds(*data, 2);
  ASSERT_TRUE(folds.ok()) << folds.status();
  EXPECT_EQ((*folds)[1].series[0].train_rows(), 47);
  EXPECT_EQ((*folds)[0].series[0].train_rows(), 44);
}

TEST(ForecastFoldsTest, WithoutTheNewestRowsAnEarlierStretchIsValidation) {
  ForecastData data = *ParseSeries(DailyCsv(112, Week), 3, 12);
  const ForecastData cut = WithoutNewest(data, 0.3);
  const ForecastSeries& own = cut.series[0];
  EXPECT_EQ(own.train_rows(), 70);
  EXPECT_EQ(own.test_rows, 0);
  EXPECT_EQ(own.table.times.back(), data.series[0].table.times[69]);
  EXPECT_EQ(WithoutNewest(data, 1.2).series[0].train_rows(), 0);
  data.series[0].validation_rows = 20;  // given, and so it stays
  EXPECT_EQ(WithoutNewest(data, 0.3).series[0].train_rows(), 100);
}

TEST(ForecastFoldsTest, SaysThatRowsAreTooFew) {
  const auto data = ParseSeries(DailyCsv(40, Week), 3, 12);
  EXPECT_EQ(RollingFolds(*data, 3).status().message(),
            "series.csv: 28 rows to train on are too few for --folds 3 of 12 "
            "rows each; use fewer folds or a smaller --test");
}

TEST(ForecastFoldsTest, ScoresAModelOnEach) {
  UseOneThreadPerCall();
  const auto data = ParseSeries(DailyCsv(150, Week), 3, 12);
  ForecastSettings settings;
  settings.hidden_size = 4;
  settings.max_steps = 10;
  const auto plan = PlanForecast(*data, settings);
  ASSERT_TRUE(plan.ok()) << plan.status();
  Progress progress(nullptr, false);
  const auto scores = RollOrigin(*data, *plan, {}, 2, &progress);
  ASSERT_TRUE(scores.ok()) << scores.status();
  ASSERT_EQ(scores->size(), 2u);
  EXPECT_EQ((*scores)[0].values, 12);
  EXPECT_TRUE(std::isfinite((*scores)[1].mae));
  EXPECT_EQ(FoldsText(*scores).substr(0, 13), "2 folds: MAE ");
}

}  // namespace
}  // namespace recur
