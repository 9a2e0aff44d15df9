#include "model/train/forecast/forecast_plan.h"

#include <cmath>

#include "gtest/gtest.h"
#include "model/train/forecast/calendar_choice.h"
#include "model/train/learning/random.h"
#include "tests/unit/model/train/forecast/series_fixtures.h"

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

TEST(ForecastPlanTest, TakesDatesFromFourYearsOn) {
  EXPECT_FALSE(CalendarOf(1000, Noise).dates);
  EXPECT_TRUE(CalendarOf(1500, Noise).dates);
}

Seasons SeasonsOf(int days, const std::function<double(int)>& value) {
  std::vector<std::string> reasons;
  return ChooseSeasons(*ParseSeries(DailyCsv(days, value), 2, 0), &reasons);
}

TEST(ForecastPlanTest, LooksForTheSeasonsOfTheInterval) {
  const auto weekly = [](int day) { return 0.2 * Noise(day) + day % 7; };
  EXPECT_EQ(SeasonsOf(400, weekly).cycles, std::vector<int>{7});
  EXPECT_TRUE(SeasonsOf(400, Noise).cycles.empty());
  EXPECT_TRUE(SeasonsOf(400, weekly).years.empty());
  EXPECT_EQ(SeasonsOf(1500, weekly).years, (std::vector<int>{364, 365}));
}

TEST(ForecastPlanTest, FindsSeasonsWithoutTimes) {
  const auto seasons = [](const std::function<double(int)>& value) {
    std::string csv = "y\n";
    for (int row = 0; row < 900; ++row) absl::StrAppend(&csv, value(row), "\n");
    ForecastDataOptions options;
    options.targets = {"y"};
    std::vector<std::string> reasons;
    return ChooseSeasons(
               *MakeForecastData(*CsvTable::Parse(csv, "y.csv"), options),
               &reasons)
        .cycles;
  };
  // Without the hidden period of Noise, which is nearly 355.
  const auto chance = [](int i) { return Random(i).Uniform(); };
  EXPECT_TRUE(seasons(chance).empty());
  EXPECT_EQ(seasons([&](int i) { return 0.3 * chance(i) + 3 * (i % 12); }),
            std::vector<int>{12});
  // A day of 12 steps, and the seventh day is another.
  EXPECT_EQ(seasons([&](int i) {
              return 0.1 * chance(i) +
                     (i / 12 % 7 == 6 ? 2.0 : 6.0) * std::sin(i * M_PI / 6.0);
            }),
            (std::vector<int>{12, 84}));
}

TEST(ForecastPlanTest, GivenValidationRowsDoNotDecideAboutSeasons) {
  const auto plan = [](const std::function<double(int)>& validation) {
    const auto value = [&](int day) {
      return day < 200 ? Noise(day) : validation(day);
    };
    ForecastDataOptions options;
    options.time = "date";
    options.targets = {"y"};
    options.horizon = 2;
    options.test_rows = 0;
    options.validation_rows = 400;
    return PlanForecast(
        *MakeForecastData(*CsvTable::Parse(DailyCsv(600, value), "y.csv"),
                          options),
        {});
  };
  const auto noise = plan(Noise);
  ASSERT_TRUE(noise.ok()) << noise.status();
  EXPECT_EQ(plan([](int day) { return 9.0 * (day % 7); })->spec, noise->spec);
}

TEST(ForecastPlanTest, LagsFollowHorizonSeasonsAndData) {
  const auto lags = [](int days, int horizon) {
    return PlanForecast(*ParseSeries(DailyCsv(days, Noise), horizon, 0), {})
        ->spec.features.autoregression.lags;
  };
  EXPECT_EQ(lags(400, 2), 14);
  EXPECT_EQ(lags(400, 15), 30);
  EXPECT_EQ(lags(200, 15), 20);
  EXPECT_EQ(lags(40, 2), 0);
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
