#include "model/train/forecast_data.h"

#include <cmath>
#include <string>

#include "gtest/gtest.h"
#include "model/train/forecast_plan.h"
#include "tests/unit/model/train/series_fixtures.h"

namespace recur {
namespace {

double Wave(int day) { return 10.0 + std::sin(day); }

TEST(ForecastDataTest, KeepsWholeWindowsForTheTest) {
  auto table = CsvTable::Parse(DailyCsv(100, Wave), "series.csv");
  ForecastDataOptions options;
  options.targets = {"y"};
  options.horizon = 7;
  options.test = 0.25;
  EXPECT_EQ(MakeForecastData(*table, options)->test_rows, 21);
  options.test = 0.01;
  EXPECT_EQ(MakeForecastData(*table, options)->test_rows, 7);
  options.test = 0.0;
  EXPECT_EQ(MakeForecastData(*table, options)->test_rows, 0);
  options.test_rows = 10;
  EXPECT_EQ(MakeForecastData(*table, options).status().message(),
            "--test-rows is 10; it must be a multiple of the horizon 7: the "
            "test is made of whole windows");
}

TEST(ForecastDataTest, SaysThatThereAreTooFewRows) {
  EXPECT_EQ(ParseSeries(DailyCsv(40, Wave), 14, 14).status().message(),
            "series.csv: 40 rows, of which 14 are kept for the test, leave 26 "
            "to train on; a horizon of 14 needs at least 44: use more data, a "
            "smaller --horizon or a smaller --test");
}

TEST(ForecastDataTest, SaysThatTheTargetIsConstant) {
  const auto value = [](int day) { return day < 90 ? 4.0 : 5.0; };
  EXPECT_EQ(ParseSeries(DailyCsv(100, value), 5, 10).status().message(),
            "series.csv: column \"y\" is 4 in all 90 rows to train on (lines 2 "
            "to 91): there is nothing to forecast; choose another --target");
}

TEST(ForecastDataTest, SaysThatTheTargetIsEmpty) {
  std::string csv = "date,y\n";
  for (int day = 0; day < 50; ++day) {
    absl::StrAppend(&csv, FormatTime((18262 + day) * kDayUs), ",\n");
  }
  EXPECT_EQ(ParseSeries(csv, 2, 0).status().message(),
            "series.csv: column \"y\" is empty in all 50 rows to train on; "
            "choose another --target");
}

TEST(ForecastDataTest, GapsBecomeMissingSteps) {
  std::string csv = "date,y\n";
  for (int day = 0; day < 60; ++day) {
    if (day == 10 || day == 11) continue;
    absl::StrAppend(&csv, FormatTime((18262 + day) * kDayUs), ",", day, "\n");
  }
  auto data = ParseSeries(csv, 2, 0);
  ASSERT_TRUE(data.ok()) << data.status();
  auto plan = PlanForecast(*data, {});
  auto features = Features::Create(plan->spec.features);
  auto grid = MakeGrid(*features, *data);
  ASSERT_TRUE(grid.ok()) << grid.status();
  EXPECT_EQ(grid->steps, 60);
  EXPECT_EQ(grid->step_of_row[10], 12);
  EXPECT_TRUE(std::isnan(grid->targets[11]));
  EXPECT_EQ(grid->targets[12], 12.0);
}

TEST(ForecastDataTest, NamesTheLineThatDoesNotFitTheInterval) {
  std::string csv = DailyCsv(50, Wave);
  absl::StrAppend(&csv, "2020-02-19T01:00:00Z,3\n");
  auto data = ParseSeries(csv, 2, 0);
  ASSERT_TRUE(data.ok()) << data.status();
  auto plan = PlanForecast(*data, {});
  auto features = Features::Create(plan->spec.features);
  const auto grid = MakeGrid(*features, *data);
  EXPECT_EQ(grid.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(grid.status().message()).find("series.csv: line 52: "),
            0u)
      << grid.status();
}

}  // namespace
}  // namespace recur
