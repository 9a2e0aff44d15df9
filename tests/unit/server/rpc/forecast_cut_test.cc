#include "server/rpc/forecast_cut.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "server/rpc/rpc_status.h"
#include "tests/unit/server/rpc/quantile_model.h"
#include "tests/unit/server/rpc/wire_error.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Value 100 * step + 10 * target + level, so that every number is its place.
Forecast NumberedForecast() {
  Forecast forecast;
  for (int step = 0; step < 3; ++step) {
    for (int target = 0; target < 2; ++target) {
      forecast.point.push_back(100 * step + 10 * target);
      for (int level = 0; level < 3; ++level) {
        forecast.quantiles.push_back(100 * step + 10 * target + level);
      }
    }
  }
  forecast.start_us = 77;
  return forecast;
}

TEST(ForecastCutTest, KeepsEverythingByDefault) {
  const auto model = QuantileModel();
  const auto cut = MakeForecastCut(*model, {});
  ASSERT_TRUE(cut.ok()) << cut.status();
  v1::ForecastAnswer answer;
  EncodeForecast(*model, NumberedForecast(), *cut, &answer);
  EXPECT_EQ(answer.point_size(), 6);
  EXPECT_EQ(answer.quantiles_size(), 18);
  EXPECT_EQ(answer.quantiles(17), 212);
  EXPECT_EQ(answer.point_kind(), v1::POINT_KIND_MEDIAN);
  EXPECT_EQ(answer.start_us(), 77);
}

TEST(ForecastCutTest, CutsStepsAndLevelsInTheOrderAsked) {
  v1::ForecastOptions options;
  options.set_horizon(2);
  options.add_quantile_levels(0.9);
  options.add_quantile_levels(0.1);
  const auto model = QuantileModel();
  const auto cut = MakeForecastCut(*model, options);
  ASSERT_TRUE(cut.ok()) << cut.status();
  v1::ForecastAnswer answer;
  EncodeForecast(*model, NumberedForecast(), *cut, &answer);
  EXPECT_THAT(answer.point(), ElementsAre(0, 10, 100, 110));
  EXPECT_THAT(answer.quantiles(),
              ElementsAre(2, 0, 12, 10, 102, 100, 112, 110));
}

TEST(ForecastCutTest, NamesTheLevelsItHas) {
  v1::ForecastOptions options;
  options.add_quantile_levels(0.25);
  const auto cut = MakeForecastCut(*QuantileModel(), options);
  EXPECT_THAT(ToRpcStatus(cut.status()),
              IsError(grpc::StatusCode::INVALID_ARGUMENT, "unknown_quantile",
                      "quantile level 0.25 is not one of model \"grid\": 0.1, "
                      "0.5, 0.9"));
}

TEST(ForecastCutTest, RefusesALevelTwice) {
  v1::ForecastOptions options;
  options.add_quantile_levels(0.5);
  options.add_quantile_levels(0.5);
  EXPECT_THAT(
      ToRpcStatus(MakeForecastCut(*QuantileModel(), options).status()),
      IsError(grpc::StatusCode::INVALID_ARGUMENT, "duplicate_quantile", "0.5"));
}

TEST(ForecastCutTest, NamesTheHorizonItHas) {
  v1::ForecastOptions options;
  options.set_horizon(4);
  EXPECT_THAT(ToRpcStatus(MakeForecastCut(*QuantileModel(), options).status()),
              IsError(grpc::StatusCode::INVALID_ARGUMENT, "bad_horizon",
                      "horizon is 4; model \"grid\" has 3; Forecast alone goes "
                      "beyond it"));
}

TEST(ForecastCutTest, ReachesBeyondTheHorizonWhereThatIsAllowed) {
  const auto model = QuantileModel();
  v1::ForecastOptions options;
  options.set_horizon(4);
  options.add_quantile_levels(0.9);
  const auto cut = MakeForecastCut(*model, options, Reach::kExtrapolated);
  ASSERT_TRUE(cut.ok()) << cut.status();
  EXPECT_EQ(cut->horizon, 4);
  EXPECT_EQ(ExtrapolatedHorizon(*model, *cut), 4);
  Forecast forecast = NumberedForecast();
  forecast.point.insert(forecast.point.end(), {7, 8});
  forecast.quantiles.insert(forecast.quantiles.end(), {1, 2, 3, 4, 5, 6});
  v1::ForecastAnswer answer;
  EncodeForecast(*model, forecast, *cut, &answer);
  EXPECT_THAT(answer.point(), ElementsAre(0, 10, 100, 110, 200, 210, 7, 8));
  EXPECT_THAT(answer.quantiles(), ElementsAre(2, 12, 102, 112, 202, 212, 3, 6));
  EXPECT_TRUE(answer.extrapolated());
}

TEST(ForecastCutTest, FlagsNothingWithinTheHorizon) {
  const auto model = QuantileModel();
  for (const int horizon : {0, 1, 3}) {
    v1::ForecastOptions options;
    options.set_horizon(horizon);
    const auto cut = MakeForecastCut(*model, options, Reach::kExtrapolated);
    ASSERT_TRUE(cut.ok()) << cut.status();
    EXPECT_EQ(ExtrapolatedHorizon(*model, *cut), 0);
    v1::ForecastAnswer answer;
    EncodeForecast(*model, NumberedForecast(), *cut, &answer);
    EXPECT_FALSE(answer.extrapolated());
  }
}

TEST(ForecastCutTest, BoundsWhatIsBeyondTheHorizon) {
  for (const uint32_t horizon : {31u, 1u << 31, ~0u}) {
    v1::ForecastOptions options;
    options.set_horizon(horizon);
    for (const Reach reach : {Reach::kTrained, Reach::kExtrapolated}) {
      EXPECT_THAT(
          ToRpcStatus(
              MakeForecastCut(*QuantileModel(), options, reach).status()),
          IsError(grpc::StatusCode::INVALID_ARGUMENT, "bad_horizon",
                  "model \"grid\" has 3; it can be extrapolated to 30"));
    }
  }
}

TEST(ForecastCutTest, RefusesAModelThatDoesNotForecast) {
  EXPECT_THAT(ToRpcStatus(MakeForecastCut(*LabelModel(), {}).status()),
              IsError(grpc::StatusCode::INVALID_ARGUMENT, "wrong_want",
                      "has no forecast"));
}

TEST(ForecastCutTest, FillsUpKnownInputsBeyondAShortHorizon) {
  v1::ForecastOptions options;
  options.set_horizon(2);
  options.add_known(1);
  options.add_known(0);
  EXPECT_THAT(KnownInputs(*QuantileModel(), options, KnownOf(options)),
              ElementsAre(1, 0, 0));
  options.set_horizon(0);
  EXPECT_THAT(KnownInputs(*QuantileModel(), options, KnownOf(options)),
              ElementsAre(1, 0));
  EXPECT_THAT(KnownInputs(*QuantileModel(), {}, {}), IsEmpty());
  options.set_horizon(5);
  EXPECT_THAT(KnownInputs(*QuantileModel(), options, KnownOf(options)),
              ElementsAre(1, 0))
      << "too few are for the lane to refuse";
}

}  // namespace
}  // namespace recur
