#include "model/train/forecast/forecast_trainer.h"

#include <cmath>
#include <csignal>
#include <string>

#include "gtest/gtest.h"
#include "model/network/onednn/onednn_engine.h"
#include "model/train/forecast/backtest.h"
#include "model/train/learning/serve_model.h"
#include "model/train/learning/stop_request.h"
#include "tests/unit/model/train/forecast/series_fixtures.h"

namespace recur {
namespace {

double Wave(int day) { return 50.0 + 10.0 * std::sin(day * 0.5); }

struct Trained {
  ForecastData data;
  ForecastTraining training;
  std::vector<ForecastScore> scores;  // model, naive
};

Trained Train(ForecastData data, ForecastSettings settings,
              const TrainingOptions& options, int steps) {
  UseOneThreadPerCall();
  settings.max_steps = steps;
  const ForecastPlan plan = *PlanForecast(data, settings);
  Progress silent(nullptr, false);
  auto training = TrainForecaster(data, plan, options, &silent);
  EXPECT_TRUE(training.ok()) << training.status();
  const Servable model = *ServeModel(training->model);
  const std::vector<SeriesGrid> grids = *MakeGrids(model.features, data);
  const std::vector<Origin> origins = TestOrigins(data, grids, data.horizon);
  const auto forecasts = *Backtest(model, data, origins);
  std::vector<ForecastScore> scores = {
      ScoreForecasts("model", data, grids, plan.spec.quantiles, 1, 0, origins,
                     forecasts),
      ScoreFloor("naive", data, grids, plan.spec.quantiles, 1, 1, 0, origins)};
  return {std::move(data), *std::move(training), std::move(scores)};
}

ForecastSettings Small() {
  ForecastSettings settings;
  settings.hidden_size = 16;
  settings.decoder_size = 16;
  settings.quantiles = {0.1, 0.5, 0.9};
  return settings;
}

TrainingOptions Options() {
  TrainingOptions options;
  options.dropout = 0.0;
  options.batch = 8;
  return options;
}

TEST(ForecastTrainerTest, LearnsAWaveFarBetterThanNaive) {
  for (LossKind loss : {LossKind::kPinball, LossKind::kMse}) {
    ForecastSettings settings = Small();
    settings.loss = loss;
    const Trained trained = Train(*ParseSeries(DailyCsv(300, Wave), 4, 40),
                                  settings, Options(), 300);
    EXPECT_LT(trained.scores[0].mae, 0.2 * trained.scores[1].mae)
        << LossName(loss);
    EXPECT_GT(trained.scores[1].mae, 5.0);
  }
}

TEST(ForecastTrainerTest, TheSameSeedGivesTheSameWeights) {
  const auto weights = [](uint64_t seed) {
    TrainingOptions options = Options();
    options.dropout = 0.3;
    options.seed = seed;
    return Train(*ParseSeries(DailyCsv(200, Wave), 3, 30), Small(), options, 30)
        .training.model.weights;
  };
  EXPECT_EQ(weights(3), weights(3));
  EXPECT_NE(weights(3), weights(4));
}

TEST(ForecastTrainerTest, NothingInTheTestPartMovesAWeight) {
  const auto other = [](int day) { return day < 170 ? Wave(day) : -1e6; };
  const Trained first =
      Train(*ParseSeries(DailyCsv(200, Wave), 3, 30), Small(), Options(), 30);
  const Trained second =
      Train(*ParseSeries(DailyCsv(200, other), 3, 30), Small(), Options(), 30);
  EXPECT_EQ(first.training.model.weights, second.training.model.weights);
  EXPECT_EQ(first.training.model.spec, second.training.model.spec);
}

TEST(ForecastTrainerTest, AForecastSeesNothingAfterItsOrigin) {
  const Trained trained =
      Train(*ParseSeries(DailyCsv(200, Wave), 3, 30), Small(), Options(), 10);
  const auto other = [](int day) { return day <= 180 ? Wave(day) : -1e6; };
  const ForecastData changed = *ParseSeries(DailyCsv(200, other), 3, 30);
  const Servable model = *ServeModel(trained.training.model);
  const std::vector<Origin> origins = {{0, 175, 175}, {0, 180, 180}};
  EXPECT_EQ(*Backtest(model, trained.data, origins),
            *Backtest(model, changed, origins));
}

TEST(ForecastTrainerTest, WithoutValidationTrainsToTheLimit) {
  TrainingOptions options = Options();
  options.validation = 0.0;
  const Trained trained =
      Train(*ParseSeries(DailyCsv(200, Wave), 3, 30), Small(), options, 12);
  for (const MemberTraining& own : trained.training.members) {
    EXPECT_EQ(own.steps, 12);
    EXPECT_EQ(own.searched_steps, 0);
  }
  EXPECT_TRUE(std::isnan(trained.training.validation_error));
  EXPECT_TRUE(trained.training.band_widths.empty());
}

TEST(ForecastTrainerTest, StoppedBeforeTheFirstUpdateThereIsNoModel) {
  UseOneThreadPerCall();
  const ForecastData data = *ParseSeries(DailyCsv(200, Wave), 3, 30);
  const ForecastPlan plan = *PlanForecast(data, Small());
  Progress silent(nullptr, false);
  for (double validation : {0.0, 0.2}) {
    const StopSignals signals;
    raise(SIGINT);
    TrainingOptions options = Options();
    options.validation = validation;
    EXPECT_EQ(TrainForecaster(data, plan, options, &silent).status().code(),
              absl::StatusCode::kCancelled);
  }
  const StopSignals over;  // for other tests
}

// Floors as published beside the data: naive 3.25, a linear model with
// calendar terms 2.66.
TEST(ForecastTrainerTest, BeatsNaiveOnSeattlesWeather) {
  const std::string path =
      RECUR_SOURCE_DIR "/deploy/examples/seattle_weather.csv";
  ForecastDataOptions options;
  options.time = "date";
  options.targets = {"temp_max"};
  options.horizon = 7;
  options.test_rows = 364;
  const ForecastData data = *MakeForecastData(*CsvTable::Read(path), options);
  const Trained trained = Train(data, {}, {}, 120);
  EXPECT_NEAR(trained.scores[1].mae, 3.25, 0.005);
  EXPECT_LE(trained.scores[0].mae, 2.90);
  EXPECT_EQ(trained.scores[0].values, 364);
  EXPECT_GE(trained.scores[0].coverage, 0.65);
  EXPECT_LE(trained.scores[0].coverage, 0.95);
}

}  // namespace
}  // namespace recur
