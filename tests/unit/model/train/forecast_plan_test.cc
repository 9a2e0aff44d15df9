#include "model/train/forecast_plan.h"

#include <cmath>

#include "gtest/gtest.h"
#include "model/train/calendar_choice.h"
#include "tests/unit/model/train/series_fixtures.h"

namespace recur {
namespace {

// Spread like noise, but the same everywhere.
double Noise(int i) {
  return std::fmod(std::sin(i * 12.9898) * 43758.5453, 1.0);
}

Calendar CalendarOf(int days, const std::function<double(int)>& value) {
  std::vector<std::string> reasons;
  return ChooseCalendar(*ParseSeries(DailyCsv(days, value), 2, 0), &reasons);
}

TEST(ForecastPlanTest, TakesTheWeekOnlyWhereDaysDiffer) {
  EXPECT_EQ(CalendarOf(400, Noise).week_harmonics, 0);
  const auto sundays = [](int day) {
    return Noise(day) + (day % 7 == 0 ? 2.0 : 0.0);
  };
  EXPECT_EQ(CalendarOf(400, sundays).week_harmonics, 3);
}

TEST(ForecastPlanTest, TakesTheYearFromTwoYearsOn) {
  EXPECT_EQ(CalendarOf(400, Noise).year_harmonics, 0);
  EXPECT_EQ(CalendarOf(800, Noise).year_harmonics, 2);
  EXPECT_EQ(CalendarOf(1500, Noise).year_harmonics, 3);
  EXPECT_EQ(CalendarOf(1500, Noise).day_harmonics, 0);
}

TEST(ForecastPlanTest, PhaseExplainsAPeriodicSeriesWhole) {
  std::vector<double> values;
  for (int i = 0; i < 70; ++i) values.push_back(i % 7);
  EXPECT_NEAR(PhaseShare(values, 7), 1.0, 1e-9);
  EXPECT_EQ(PhaseShare(std::vector<double>(70, 3.0), 7), 0.0);
}

TEST(ForecastPlanTest, FitsOnTheTrainingPartAlone) {
  const auto value = [](int day) { return day < 100 ? day % 2 : 1000.0; };
  auto data = ParseSeries(DailyCsv(110, value), 2, 10);
  auto plan = PlanForecast(*data, {});
  ASSERT_TRUE(plan.ok()) << plan.status();
  const FeatureSpec& features = plan->spec.features;
  EXPECT_DOUBLE_EQ(features.columns[0].mean, 0.5);
  EXPECT_DOUBLE_EQ(features.columns[0].scale, 0.5);
  // One step ahead always moves by 1, two steps never.
  EXPECT_NEAR(features.output_scale[0], 0.5, 1e-12);
  EXPECT_EQ(features.anchor, Anchor::kLast);
  EXPECT_EQ(plan->window, 60);
}

TEST(ForecastPlanTest, AMeanForecastHasNoQuantiles) {
  ForecastSettings settings;
  settings.loss = LossKind::kMse;
  auto plan = PlanForecast(*ParseSeries(DailyCsv(100, Noise), 2, 0), settings);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_TRUE(plan->spec.quantiles.empty());
  EXPECT_EQ(plan->spec.network.levels, 1);
}

TEST(ForecastPlanTest, RefusesLossesOfClassifiers) {
  ForecastSettings settings;
  settings.loss = LossKind::kSoftmax;
  EXPECT_EQ(PlanForecast(*ParseSeries(DailyCsv(100, Noise), 2, 0), settings)
                .status()
                .message(),
            "--loss is softmax; forecasts need pinball or mse");
}

TEST(ForecastPlanTest, KnowsUsualSeasons) {
  EXPECT_EQ(UsualSeason(std::chrono::minutes(30)), 48);
  EXPECT_EQ(UsualSeason(std::chrono::hours(24)), 7);
  EXPECT_EQ(UsualSeason(std::chrono::hours(24 * 7)), 52);
  EXPECT_EQ(UsualSeason(std::chrono::hours(24 * 30)), 12);
  EXPECT_EQ(UsualSeason(std::chrono::hours(24 * 3)), 0);
}

}  // namespace
}  // namespace recur
