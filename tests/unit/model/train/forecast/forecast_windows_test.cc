#include "model/train/forecast/forecast_windows.h"

#include <cmath>

#include "gtest/gtest.h"
#include "model/train/forecast/forecast_plan.h"
#include "tests/unit/model/train/forecast/series_fixtures.h"

namespace recur {
namespace {

struct Prepared {
  ForecastData data;
  ForecastTrace trace;
};

Prepared Prepare(const std::string& csv, int horizon) {
  ForecastData data = *ParseSeries(csv, horizon, 0);
  const Features features =
      *Features::Create(PlanForecast(data, {.lags = 0})->spec.features);
  const std::vector<SeriesGrid> grids = *MakeGrids(features, data);
  const std::vector<int> rows = {data.train_rows()};
  ForecastTrace trace = TraceRows(features, {}, data, grids, rows, rows);
  return {std::move(data), std::move(trace)};
}

std::string Ramp(int days) {
  return DailyCsv(days, [](int day) { return static_cast<double>(day); });
}

TEST(ForecastWindowsTest, TargetsAreTheMovesFromTheLastValue) {
  const Prepared prepared = Prepare(Ramp(60), 2);
  // A ramp moves by 1 and 2: 1.5 on average, which is the output's scale.
  for (int origin = 0; origin < 58; ++origin) {
    EXPECT_NEAR(prepared.trace.targets[origin * 2], 1.0 / 1.5, 1e-6);
    EXPECT_NEAR(prepared.trace.targets[origin * 2 + 1], 2.0 / 1.5, 1e-6);
  }
  EXPECT_TRUE(std::isnan(prepared.trace.targets[59 * 2]));
}

TEST(ForecastWindowsTest, DrawsNoTargetAtOrBeyondTheLimit) {
  Prepared prepared = Prepare(Ramp(60), 2);
  // Whoever learnt from step 40 on would learn a NaN.
  for (int origin = 0; origin < 60; ++origin) {
    for (int k = 0; k < 2; ++k) {
      if (origin + 1 + k >= 40) prepared.trace.targets[origin * 2 + k] = NAN;
    }
  }
  auto sampler = WindowSampler::Create(prepared.trace, 10, {40}, 8, 1);
  ASSERT_TRUE(sampler.ok()) << sampler.status();
  SequenceBatch batch;
  std::vector<float> targets;
  for (int i = 0; i < 50; ++i) {
    sampler->Draw(&batch, &targets);
    EXPECT_EQ(batch.points.size() * 2, targets.size());
    EXPECT_EQ(batch.points.size() * 2 * prepared.trace.future.columns(),
              batch.future.size());
    for (float target : targets) EXPECT_FALSE(std::isnan(target));
  }
}

TEST(ForecastWindowsTest, WindowsAreCutFromTheSeriesInOrder) {
  const Prepared prepared = Prepare(Ramp(60), 2);
  auto sampler = WindowSampler::Create(prepared.trace, 10, {60}, 4, 1);
  SequenceBatch batch;
  std::vector<float> targets;
  sampler->Draw(&batch, &targets);
  const int width = prepared.trace.input_size;
  const float step = prepared.trace.inputs[width] - prepared.trace.inputs[0];
  ASSERT_GT(step, 0.0f);
  for (int row = 0; row < 4; ++row) {
    for (int at = 1; at < 10; ++at) {
      const float before = batch.inputs[((at - 1) * 4 + row) * width];
      EXPECT_NEAR(batch.inputs[(at * 4 + row) * width] - before, step, 1e-5f);
    }
  }
}

TEST(ForecastWindowsTest, ShortensAWindowThatDoesNotFit) {
  const Prepared prepared = Prepare(Ramp(60), 2);
  auto sampler = WindowSampler::Create(prepared.trace, 500, {60}, 16, 1);
  SequenceBatch batch;
  std::vector<float> targets;
  sampler->Draw(&batch, &targets);
  for (int length : batch.lengths) {
    EXPECT_GE(length, 29);
    EXPECT_LE(length, 58);
  }
}

TEST(ForecastWindowsTest, NoWindowReachesIntoAnotherSeries) {
  std::string csv = "id,y\n";
  for (int row = 0; row < 40; ++row) absl::StrAppend(&csv, "a,", row, "\n");
  for (int row = 0; row < 60; ++row) {
    absl::StrAppend(&csv, "b,", 1000 + 3 * row, "\n");
  }
  ForecastDataOptions options;
  options.series = "id";
  options.targets = {"y"};
  options.horizon = 2;
  options.test_rows = 0;
  const ForecastData data =
      *MakeForecastData(*CsvTable::Parse(csv, "panel.csv"), options);
  const Features features =
      *Features::Create(PlanForecast(data, {.lags = 0})->spec.features);
  const ForecastTrace trace = TraceRows(
      features, {}, data, *MakeGrids(features, data), {40, 60}, {40, 60});
  EXPECT_EQ(trace.first_step, (std::vector<int>{0, 40, 100}));
  EXPECT_EQ(trace.first_origin, (std::vector<int>{0, 40, 100}));
  auto sampler = WindowSampler::Create(trace, 30, {40, 60}, 8, 1);
  SequenceBatch batch;
  std::vector<float> targets;
  for (int i = 0; i < 20; ++i) {
    sampler->Draw(&batch, &targets);
    // Every move of either series is one of its scale: 1 and 2 steps ahead.
    for (size_t at = 0; at < targets.size(); at += 2) {
      EXPECT_NEAR(targets[at + 1], 2.0f * targets[at], 1e-4f);
    }
  }
}

TEST(ForecastWindowsTest, RefusesTooFewSteps) {
  const Prepared prepared = Prepare(Ramp(60), 2);
  EXPECT_EQ(
      WindowSampler::Create(prepared.trace, 10, {2}, 4, 1).status().message(),
      "the rows to train on hold no window with 2 steps to forecast; use more "
      "data or a smaller --horizon");
}

}  // namespace
}  // namespace recur
