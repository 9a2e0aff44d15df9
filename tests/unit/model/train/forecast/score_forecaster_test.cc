#include "model/train/forecast/score_forecaster.h"

#include <cmath>

#include "gtest/gtest.h"
#include "model/train/forecast/forecast_plan.h"
#include "model/train/learning/initial_weights.h"
#include "model/train/learning/serve_model.h"
#include "tests/unit/model/train/forecast/series_fixtures.h"

namespace recur {
namespace {

// A model whose output is 0 whatever it sees: it says the last value again.
absl::StatusOr<Servable> LastValueModel(const ForecastData& data) {
  ForecastSettings settings;
  settings.hidden_size = 2;
  settings.decoder_size = 2;
  settings.quantiles = {0.25, 0.5, 0.75};
  settings.lags = 0;
  auto plan = PlanForecast(data, settings);
  if (!plan.ok()) return plan.status();
  Weights weights = InitialWeights(plan->spec.network, plan->spec.quantiles, 0);
  for (auto& [name, tensor] : weights) {
    std::fill(tensor.values.begin(), tensor.values.end(), 0.0f);
  }
  return ServeModel({plan->spec, weights, {}});
}

// Steps of 1, but of 5 from day 105 on.
double Stairs(int day) { return day < 105 ? day : 105 + 5 * (day - 105); }

class ScoreForecasterTest : public ::testing::Test {
 protected:
  void Score(int test_rows) {
    auto data = ParseSeries(DailyCsv(112, Stairs), 2, test_rows);
    ASSERT_TRUE(data.ok()) << data.status();
    auto model = LastValueModel(*data);
    ASSERT_TRUE(model.ok()) << model.status();
    const absl::Status status =
        ScoreForecaster(*model, *data, {.floor_seasons = {7}}, &report_);
    ASSERT_TRUE(status.ok()) << status;
  }

  ForecastReport report_;
};

TEST_F(ScoreForecasterTest, TheLastValueScoresAsTheNaiveFloor) {
  Score(12);
  ASSERT_EQ(report_.tables.size(), 1u);
  const ForecastTable& table = report_.tables[0];
  ASSERT_EQ(table.scores.size(), 3u);
  EXPECT_EQ(table.scores[0].name, "model");
  EXPECT_EQ(table.scores[2].name, "seasonal naive (7)");
  EXPECT_NEAR(table.scores[0].mae, table.scores[1].mae, 1e-9);
  EXPECT_EQ(report_.windows, 6);
  EXPECT_EQ(report_.first_test, "2020-04-10");
  // Every truth lies above what was last seen.
  EXPECT_EQ(table.scores[0].below_by_level,
            (std::vector<double>{0.0, 0.0, 0.0}));
}

TEST_F(ScoreForecasterTest, ShowsTheNewestTypicalBestAndWorstWindow) {
  Score(12);
  const std::vector<ForecastWindow>& windows = report_.tables[0].windows;
  ASSERT_EQ(windows.size(), 3u);
  EXPECT_EQ(windows[0].kind, "newest, worst");
  EXPECT_EQ(windows[0].origin, "2020-04-19");
  EXPECT_NEAR(windows[0].loss, 7.5, 1e-6);  // moves of 5 and 10
  EXPECT_EQ(windows[1].kind, "typical");
  EXPECT_EQ(windows[2].kind, "best");
  EXPECT_NEAR(windows[2].loss, 1.5, 1e-6);  // moves of 1 and 2
  EXPECT_EQ(windows[2].origin, "2020-04-09");
  EXPECT_EQ(windows[2].context.back(), 99.0);
  EXPECT_EQ(windows[2].truth, (std::vector<double>{100.0, 101.0}));
  EXPECT_EQ(windows[2].quantiles.size(), 6u);
}

TEST_F(ScoreForecasterTest, LeavesTheTablesEmptyWithoutATest) {
  Score(0);
  EXPECT_TRUE(report_.tables.empty());
  EXPECT_EQ(report_.horizon, 2);
}

}  // namespace
}  // namespace recur
