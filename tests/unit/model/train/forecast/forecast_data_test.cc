#include "model/train/forecast/forecast_data.h"

#include <cmath>
#include <string>

#include "gtest/gtest.h"
#include "model/train/forecast/forecast_plan.h"
#include "tests/unit/model/train/forecast/series_fixtures.h"

namespace recur {
namespace {

double Wave(int day) { return 10.0 + std::sin(day); }

TEST(ForecastDataTest, KeepsWholeWindowsForTheTest) {
  auto table = CsvTable::Parse(DailyCsv(100, Wave), "series.csv");
  ForecastDataOptions options;
  options.targets = {"y"};
  options.horizon = 7;
  options.test = 0.25;
  EXPECT_EQ(MakeForecastData(*table, options)->test_rows(), 21);
  options.test = 0.01;
  EXPECT_EQ(MakeForecastData(*table, options)->test_rows(), 7);
  options.test = 0.0;
  EXPECT_EQ(MakeForecastData(*table, options)->test_rows(), 0);
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
  auto plan = PlanForecast(*data, {.lags = 0});
  auto features = Features::Create(plan->spec.features);
  auto grids = MakeGrids(*features, *data);
  ASSERT_TRUE(grids.ok()) << grids.status();
  const SeriesGrid& grid = grids->front();
  EXPECT_EQ(grid.steps, 60);
  EXPECT_EQ(grid.step_of_row[10], 12);
  EXPECT_TRUE(std::isnan(grid.targets[11]));
  EXPECT_EQ(grid.targets[12], 12.0);
}

absl::StatusOr<ForecastData> ParsePanel(const std::string& csv) {
  ForecastDataOptions options;
  options.series = "id";
  options.targets = {"y"};
  options.missing = {-200.0};
  options.horizon = 2;
  options.test_rows = 2;
  return MakeForecastData(*CsvTable::Parse(csv, "panel.csv"), options);
}

TEST(ForecastDataTest, KeepsTheSeriesOfAPanelApart) {
  std::string csv = "id,y\n";
  for (int row = 0; row < 30; ++row) {
    absl::StrAppend(&csv, "a,", row, "\nb,", row == 7 ? -200 : -row, "\n");
  }
  const auto data = ParsePanel(csv);
  ASSERT_TRUE(data.ok()) << data.status();
  ASSERT_EQ(data->series.size(), 2u);
  EXPECT_EQ(data->series[1].id, "b");
  EXPECT_EQ(data->series[0].At(9).values[0], 9.0);
  EXPECT_EQ(data->series[1].At(9).values[0], -9.0);
  EXPECT_TRUE(std::isnan(data->series[1].At(7).values[0]));
  EXPECT_EQ(data->train_rows(), 56);
  EXPECT_EQ(data->Where(data->series[1], 0), "panel.csv: line 3: ");
  // Few enough to be told apart.
  EXPECT_EQ(data->columns(), (std::vector<std::string>{"y", "id"}));
  EXPECT_EQ(data->series[0].At(3).values[1], 0.0);
  EXPECT_EQ(data->series[1].At(3).values[1], 1.0);
  const FeatureSpec features = PlanForecast(*data, {})->spec.features;
  EXPECT_EQ(features.columns[1].categories, 2);
  EXPECT_EQ(features.columns[1].category_names,
            (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(features.running_scale);
}

TEST(ForecastDataTest, NamesTheSeriesThatIsTooShort) {
  std::string csv = "id,y\n";
  for (int row = 0; row < 30; ++row) absl::StrAppend(&csv, "a,", row, "\n");
  for (int row = 0; row < 9; ++row) absl::StrAppend(&csv, "b,", row, "\n");
  EXPECT_EQ(
      ParsePanel(csv).status().message(),
      "panel.csv: series \"b\" has 9 rows, of which 2 are kept for the "
      "test, leave 7 to train on; a horizon of 2 needs at least 20: leave "
      "it out, or use a smaller --horizon or --test");
  EXPECT_EQ(ParsePanel("id,y\n,3\n").status().message(),
            "panel.csv: line 2, column \"id\": the cell is empty");
}

// Of "y" with "plan" known three steps ahead; `time` may be empty.
absl::StatusOr<ForecastData> ParsePlan(const std::string& csv,
                                       const std::string& time) {
  ForecastDataOptions options;
  options.time = time;
  options.targets = {"y"};
  options.known = {"plan"};
  options.horizon = 3;
  options.test_rows = 0;
  return MakeForecastData(*CsvTable::Parse(csv, "plan.csv"), options);
}

TEST(ForecastDataTest, WhatIsKnownBridgesMissingRows) {
  std::string csv = "date,y,plan\n";
  for (int day = 0; day < 60; ++day) {
    if (day == 12) continue;
    absl::StrAppend(&csv, FormatTime((18262 + day) * kDayUs), ",", day % 9, ",",
                    100 + day, "\n");
  }
  const auto data = ParsePlan(csv, "date");
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_EQ(data->series[0].KnownAfter(10, 3, {110.0}),
            (std::vector<double>{111.0, 111.0, 113.0}));
  EXPECT_EQ(data->series[0].KnownAfter(58, 3, {159.0}),
            (std::vector<double>{159.0, 159.0, 159.0}));
  const auto plan = PlanForecast(*data, {});
  EXPECT_TRUE(plan->spec.features.columns[1].known_ahead);
  EXPECT_FALSE(plan->spec.features.columns[0].known_ahead);
}

TEST(ForecastDataTest, TheLastKnownValueStandsInForMissingOnes) {
  std::string csv = "y,plan\n";
  for (int row = 0; row < 60; ++row) {
    const bool missing = row < 3 || (row >= 20 && row < 24);
    absl::StrAppend(&csv, row % 9, ",", missing ? "" : absl::StrCat(100 + row),
                    "\n");
  }
  const auto data = ParsePlan(csv, "");
  ASSERT_TRUE(data.ok()) << data.status();
  const ForecastSeries& own = data->series[0];
  const Features features =
      *Features::Create(PlanForecast(*data, {.lags = 0})->spec.features);
  FeatureState state = features.InitialState();
  std::vector<float> inputs(features.input_size());
  for (int row = 0; row <= 21; ++row) {
    const Observation observation = own.At(row);
    features.Apply(observation,
                   *features.Check(observation, state.last_time_us, "new"),
                   &state, inputs.data());
    const std::vector<double> known =
        own.KnownAfter(row, 3, features.LastKnown(state));
    if (row == 0) {  // nothing is known yet: the mean, then the fourth row
      EXPECT_EQ(known[1], features.spec().columns[1].mean);
      EXPECT_EQ(known[2], 103.0);
    }
    if (row == 18) {
      EXPECT_EQ(known, (std::vector<double>{119, 119, 119}));
    }
    if (row == 21) {
      EXPECT_EQ(known, (std::vector<double>{119, 119, 124}));
    }
  }
}

TEST(ForecastDataTest, GivenValidationRowsAreNotFittedOn) {
  auto table = CsvTable::Parse(DailyCsv(100, Wave), "series.csv");
  ForecastDataOptions options;
  options.targets = {"y"};
  options.horizon = 2;
  options.test_rows = 10;
  options.validation_rows = 20;
  const auto data = MakeForecastData(*table, options);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_EQ(data->series[0].train_rows(), 90);
  EXPECT_EQ(data->series[0].fit_rows(), 70);
  options.validation_rows = 80;
  EXPECT_EQ(MakeForecastData(*table, options).status().message(),
            "series.csv: --validation-rows is 80, which leaves 10 of 90 rows "
            "to train on; a horizon of 2 needs at least 20");
}

TEST(ForecastDataTest, NamesTheLineThatDoesNotFitTheInterval) {
  std::string csv = DailyCsv(50, Wave);
  absl::StrAppend(&csv, "2020-02-19T01:00:00Z,3\n");
  auto data = ParseSeries(csv, 2, 0);
  ASSERT_TRUE(data.ok()) << data.status();
  auto plan = PlanForecast(*data, {.lags = 0});
  auto features = Features::Create(plan->spec.features);
  const auto grid = MakeGrids(*features, *data);
  EXPECT_EQ(grid.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(grid.status().message()).find("series.csv: line 52: "),
            0u)
      << grid.status();
}

}  // namespace
}  // namespace recur
