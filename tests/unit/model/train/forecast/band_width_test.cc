#include "model/train/forecast/band_width.h"

#include <cmath>

#include "gtest/gtest.h"
#include "model/network/onednn/onednn_engine.h"
#include "model/train/forecast/backtest.h"
#include "model/train/forecast/forecast_plan.h"
#include "model/train/learning/initial_weights.h"
#include "model/train/learning/serve_model.h"
#include "tests/unit/model/train/forecast/series_fixtures.h"

namespace recur {
namespace {

double Wave(int day) { return 10.0 + 3.0 * std::sin(day * 1.7) + day % 5; }

struct Prepared {
  ForecastData data;
  Model model;
  std::vector<SeriesGrid> grids;
  std::vector<Origin> origins;

  std::vector<Forecast> Forecasts() const {
    return *Backtest(*ServeModel(model), data, origins);
  }

  std::vector<double> Factors() const {
    std::vector<float> truths;
    std::vector<float> quantiles;
    const std::vector<Forecast> forecasts = Forecasts();
    for (size_t i = 0; i < origins.size(); ++i) {
      for (int k = 1; k <= 3; ++k) {
        truths.push_back(
            static_cast<float>(grids[0].targets[origins[i].step + k]));
      }
      for (double value : forecasts[i].quantiles) {
        quantiles.push_back(static_cast<float>(value));
      }
    }
    return FitBandWidths(model.spec.quantiles, 1, truths, quantiles);
  }
};

Prepared Prepare(std::vector<double> levels) {
  UseOneThreadPerCall();
  ForecastData data = *ParseSeries(DailyCsv(120, Wave), 3, 30);
  ForecastSettings settings;
  settings.quantiles = levels;
  settings.hidden_size = 8;
  settings.lags = 0;
  Model model;
  model.spec = PlanForecast(data, settings)->spec;
  model.weights = InitialWeights(model.spec.network, levels, 3);
  std::vector<SeriesGrid> grids =
      *MakeGrids(*Features::Create(model.spec.features), data);
  std::vector<Origin> origins = OriginsBetween(grids[0], 0, 60, 120, 3, 1);
  return {std::move(data), std::move(model), std::move(grids),
          std::move(origins)};
}

double Coverage(const Prepared& prepared) {
  return ScoreForecasts("", prepared.data, prepared.grids,
                        prepared.model.spec.quantiles, 1, 0, prepared.origins,
                        prepared.Forecasts())
      .coverage;
}

TEST(BandWidthTest, TheBandThenCoversWhatItPromises) {
  Prepared prepared = Prepare({0.1, 0.5, 0.9});
  const std::vector<double> factors = prepared.Factors();
  ASSERT_EQ(factors.size(), 1u);
  ASSERT_GT(factors[0], 0.6);
  ASSERT_LT(factors[0], 3.0);
  ScaleBand(factors, &prepared.model);
  EXPECT_NEAR(Coverage(prepared), 0.8, 0.02);
}

TEST(BandWidthTest, LeavesTheMedianWhereItIs) {
  for (const std::vector<double>& levels :
       {std::vector<double>{0.1, 0.5, 0.9}, {0.2, 0.4, 0.7}}) {
    Prepared prepared = Prepare(levels);
    const std::vector<Forecast> before = prepared.Forecasts();
    ScaleBand({2.0}, &prepared.model);
    const std::vector<Forecast> after = prepared.Forecasts();
    for (size_t i = 0; i < before.size(); ++i) {
      for (size_t k = 0; k < 3; ++k) {
        EXPECT_NEAR(after[i].point[k], before[i].point[k], 1e-4);
        const auto width = [&](const Forecast& forecast) {
          return forecast.quantiles[k * 3 + 2] - forecast.quantiles[k * 3];
        };
        EXPECT_NEAR(width(after[i]), 2.0 * width(before[i]), 1e-4);
      }
    }
  }
}

TEST(BandWidthTest, LeavesLevelsWithoutAnIntervalAlone) {
  Prepared prepared = Prepare({0.5, 0.9});
  EXPECT_EQ(prepared.Factors(), std::vector<double>{1.0});
}

}  // namespace
}  // namespace recur
