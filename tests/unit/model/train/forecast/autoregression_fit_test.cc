#include "model/train/forecast/autoregression_fit.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "model/features/layout.h"
#include "model/train/forecast/forecast_plan.h"
#include "model/train/learning/random.h"

namespace recur {
namespace {

// Each falls back to a level of its own, by a fifth per row.
ForecastData Panel(int series, int rows) {
  Random random(3);
  std::string csv = "site,y\n";
  for (int s = 0; s < series; ++s) {
    double y = 0.0;
    for (int row = 0; row < rows; ++row) {
      y = 0.2 * y + random.Uniform(-1.0f, 1.0f);
      absl::StrAppend(&csv, "site", s, ",", 10.0 * s + y, "\n");
    }
  }
  ForecastDataOptions options;
  options.series = "site";
  options.targets = {"y"};
  options.horizon = 2;
  options.test_rows = 0;
  return *MakeForecastData(*CsvTable::Parse(csv, "panel.csv"), options);
}

struct Fitted {
  ForecastData data;
  FeatureSpec spec;
  std::vector<int> limits;
  AutoregressionFit fit;
};

Fitted Fit(ForecastData data) {
  const FeatureSpec spec = PlanForecast(data, {})->spec.features;
  EXPECT_GT(spec.autoregression.lags, 0);
  FeatureSpec bare = spec;
  bare.autoregression = {};
  const std::vector<SeriesGrid> grids =
      *MakeGrids(*Features::Create(bare), data);
  std::vector<int> limits;
  for (const SeriesGrid& grid : grids) limits.push_back(grid.steps);
  auto fit = FitAutoregression(spec, data, grids, limits);
  EXPECT_TRUE(fit.ok()) << fit.status();
  return {std::move(data), spec, std::move(limits), *std::move(fit)};
}

// The squared errors of the next value by the fit that has not seen it, over
// those of the last value as the forecast.
double ErrorOverNaive(const Fitted& fitted) {
  const std::vector<Slot> slots = FutureSlots(fitted.spec);
  const auto linear = std::find_if(slots.begin(), slots.end(), [](Slot slot) {
    return slot.kind == SlotKind::kAutoregression;
  });
  double error = 0.0;
  double naive = 0.0;
  for (size_t s = 0; s < fitted.data.series.size(); ++s) {
    const ForecastSeries& own = fitted.data.series[s];
    const Features& any = fitted.fit.folds[0];
    FeatureState state = any.InitialState();
    std::vector<float> inputs(any.input_size());
    std::vector<float> future(2 * any.future_size());
    for (int row = 0; row + 2 < own.train_rows(); ++row) {
      const Observation observation = own.At(row);
      any.Apply(observation, *any.Check(observation, state.last_time_us, ""),
                &state, inputs.data());
      if (row < fitted.spec.autoregression.lags) continue;
      const int fold =
          fitted.fit.FoldOf(static_cast<int>(s), row, fitted.limits[s]);
      const Features& unseen = fitted.fit.folds[fold];
      unseen.Future(state, 2, {}, future.data());
      const double move = unseen.ToScaled(state, 0, own.At(row + 1).values[0]);
      const double forecast = future[linear - slots.begin()];
      error += (forecast - move) * (forecast - move);
      naive += move * move;
    }
  }
  return error / naive;
}

TEST(AutoregressionFitTest, ForecastsWhatAFoldHasNotSeen) {
  // One, several that are told apart, and more than can be.
  for (int series : {1, 4, 12, 40}) {
    EXPECT_LT(ErrorOverNaive(Fit(Panel(series, series == 1 ? 500 : 120))), 0.8)
        << series << " series";
  }
}

TEST(AutoregressionFitTest, LeavesOutWholeSeriesOnlyWhereTheyShareAFit) {
  const auto folds = [](const Fitted& fitted) {
    std::set<int> folds;
    for (int step = 0; step < 120; ++step) {
      folds.insert(fitted.fit.FoldOf(3, step, fitted.limits[3]));
    }
    return folds.size();
  };
  EXPECT_EQ(folds(Fit(Panel(12, 120))), 5u);
  EXPECT_EQ(folds(Fit(Panel(40, 120))), 1u);
}

}  // namespace
}  // namespace recur
