#include "model/train/forecast/forecast_floors.h"

#include <cmath>
#include <limits>
#include <vector>

#include "gtest/gtest.h"

namespace recur {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(ForecastFloorsTest, NaiveRepeatsTheLastGivenValue) {
  const std::vector<double> values = {1.0, 2.0, kNaN, 4.0};
  const FloorForecaster naive(values, 4, 2, 1, {});
  EXPECT_EQ(naive.At(2).point, (std::vector<double>{2.0, 2.0}));
  EXPECT_EQ(naive.At(3).point, (std::vector<double>{4.0, 4.0}));
}

TEST(ForecastFloorsTest, SeasonalNaiveRepeatsTheLastSeason) {
  const std::vector<double> values = {1.0, 2.0, 3.0, 4.0, 5.0};
  const FloorForecaster seasonal(values, 5, 4, 3, {});
  EXPECT_EQ(seasonal.At(4).point, (std::vector<double>{3.0, 4.0, 5.0, 3.0}));
}

TEST(ForecastFloorsTest, BandIsThatOfTheTrainingErrorsPerStep) {
  // Steps of 1 then of 3, again and again: one ahead errs by 1 or 3.
  std::vector<double> values = {0.0};
  for (int i = 0; i < 40; ++i)
    values.push_back(values.back() + (i % 2 ? 3 : 1));
  const FloorForecaster naive(values, 41, 2, 1, {0.0, 1.0});
  const FloorForecast forecast = naive.At(40);
  const double last = values.back();
  EXPECT_EQ(forecast.quantiles,
            (std::vector<double>{last + 1, last + 3, last + 4, last + 4}));
}

}  // namespace
}  // namespace recur
