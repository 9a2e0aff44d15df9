#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "model/features/features.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

FeatureSpec TwoTargets(Anchor anchor) {
  FeatureSpec spec;
  spec.columns = {{.name = "max", .mean = 15.0, .scale = 5.0},
                  {.name = "rain", .mean = 1.0, .scale = 2.0},
                  {.name = "min", .mean = 8.0, .scale = 4.0}};
  spec.targets = {0, 2};
  spec.output_scale = {2.0, 10.0};
  spec.anchor = anchor;
  return spec;
}

FeatureState After(const Features& features, std::vector<double> values) {
  FeatureState state = features.InitialState();
  std::vector<float> inputs(features.input_size());
  features.Apply({values, std::nullopt}, {}, &state, inputs.data());
  return state;
}

ModelSpec WithLevels(std::vector<double> levels) {
  ModelSpec model;
  model.task = Task::kForecast;
  model.quantiles = std::move(levels);
  return model;
}

std::vector<double> PointOf(std::vector<double> levels,
                            std::vector<float> output) {
  FeatureSpec spec;
  spec.columns = {{.name = "y"}};
  spec.targets = {0};
  spec.output_scale = {1.0};
  const Features features = *Features::Create(spec);
  return features
      .ToForecast(WithLevels(std::move(levels)), features.InitialState(),
                  output)
      .point;
}

TEST(AnswerTest, ForecastsInRawUnitsRelativeToTheLastValue) {
  const Features features = *Features::Create(TwoTargets(Anchor::kLast));
  const FeatureState state = After(features, {20.0, 0.0, 10.0});
  // [2 steps, 2 targets, 3 levels]
  const std::vector<float> output = {-1, 0, 1, -0.5f, 0,     0.5f,
                                     -2, 1, 3, 0.25f, 0.75f, 1};
  const Forecast forecast =
      features.ToForecast(WithLevels({0.1, 0.5, 0.9}), state, output);
  EXPECT_THAT(forecast.quantiles, ElementsAre(18, 20, 22, 5, 10, 15,  //
                                              16, 22, 26, 12.5, 17.5, 20));
  EXPECT_THAT(forecast.point, ElementsAre(20, 10, 22, 17.5));
  EXPECT_FALSE(forecast.warming_up);
}

TEST(AnswerTest, ForecastsRelativeToTheMean) {
  const Features features = *Features::Create(TwoTargets(Anchor::kMean));
  const FeatureState state = After(features, {20.0, 0.0, 10.0});
  const Forecast forecast =
      features.ToForecast(WithLevels({0.5}), state, std::vector<float>{1, 1});
  EXPECT_THAT(forecast.point, ElementsAre(17, 18));
}

TEST(AnswerTest, AnAnchorBeforeAnyValueIsTheMean) {
  const Features features = *Features::Create(TwoTargets(Anchor::kLast));
  EXPECT_EQ(features.ToRaw(features.InitialState(), 1, 1.0f), 18.0);
}

TEST(AnswerTest, WithoutLevelsThePointIsTheMeanAndThereAreNoQuantiles) {
  const Features features = *Features::Create(TwoTargets(Anchor::kMean));
  const FeatureState state = After(features, {20.0, 0.0, 10.0});
  const Forecast forecast = features.ToForecast(
      WithLevels({}), state, std::vector<float>{1, 0, -1, 2});
  EXPECT_THAT(forecast.point, ElementsAre(17, 8, 13, 28));
  EXPECT_THAT(forecast.quantiles, IsEmpty());
}

TEST(AnswerTest, QuantilesNeverCross) {
  const Features features = *Features::Create(TwoTargets(Anchor::kLast));
  const FeatureState state = After(features, {20.0, 0.0, 10.0});
  std::mt19937 bits(7);
  std::normal_distribution<float> normal;
  std::vector<float> output(5 * 2 * 9);
  for (float& value : output) value = normal(bits);
  const ModelSpec model = WithLevels({.1, .2, .3, .4, .5, .6, .7, .8, .9});
  const Forecast forecast = features.ToForecast(model, state, output);
  ASSERT_EQ(forecast.quantiles.size(), output.size());
  for (size_t i = 0; i < output.size(); i += 9) {
    const auto begin = forecast.quantiles.begin() + i;
    EXPECT_TRUE(std::is_sorted(begin, begin + 9));
    EXPECT_EQ(forecast.point[i / 9], begin[4]);
    // The same numbers in another order.
    std::vector<double> raw;
    for (size_t q = 0; q < 9; ++q) {
      raw.push_back(features.ToRaw(state, i / 9 % 2, output[i + q]));
    }
    std::sort(raw.begin(), raw.end());
    EXPECT_TRUE(std::equal(raw.begin(), raw.end(), begin));
  }
}

TEST(AnswerTest, InterpolatesAMedianThatIsNoLevel) {
  EXPECT_THAT(PointOf({0.25, 0.75}, {1, 3}), ElementsAre(2));
  EXPECT_NEAR(PointOf({0.1, 0.4, 0.9}, {0, 10, 20})[0], 12.0, 1e-12);
  EXPECT_NEAR(PointOf({0.1, 0.4, 0.9}, {20, 10, 0})[0], 12.0, 1e-12);
}

TEST(AnswerTest, TakesTheNearestLevelWhenTheMedianIsOutside) {
  EXPECT_THAT(PointOf({0.6, 0.9}, {1, 3}), ElementsAre(1));
  EXPECT_THAT(PointOf({0.1, 0.4}, {1, 3}), ElementsAre(3));
  EXPECT_THAT(PointOf({0.5}, {4}), ElementsAre(4));
}

TEST(AnswerTest, ScaledAndRawInvertEachOther) {
  for (Anchor anchor : {Anchor::kMean, Anchor::kLast}) {
    const Features features = *Features::Create(TwoTargets(anchor));
    const FeatureState state = After(features, {20.0, 0.0, 10.0});
    for (int target : {0, 1}) {
      for (float output : {-3.5f, 0.0f, 0.125f, 100.0f}) {
        const double raw = features.ToRaw(state, target, output);
        EXPECT_EQ(features.ToScaled(state, target, raw), output);
      }
    }
  }
}

TEST(AnswerTest, ScaledKeepsNaNAndIsOtherwiseFinite) {
  const Features features = *Features::Create(TwoTargets(Anchor::kMean));
  const FeatureState state = features.InitialState();
  EXPECT_TRUE(std::isnan(
      features.ToScaled(state, 0, std::numeric_limits<double>::quiet_NaN())));
  EXPECT_TRUE(std::isfinite(features.ToScaled(state, 0, 1e300)));
}

TEST(AnswerTest, SaysThatItIsWarmingUp) {
  FeatureSpec spec = TwoTargets(Anchor::kLast);
  spec.seasons = {2};
  const Features features = *Features::Create(spec);
  const FeatureState state = After(features, {20.0, 0.0, 10.0});
  EXPECT_TRUE(
      features.ToForecast(WithLevels({0.5}), state, std::vector<float>{0, 0})
          .warming_up);
}

TEST(AnswerTest, ASigmoidGivesBothLabelsAProbability) {
  ModelSpec spec;
  spec.network.head = Head::kSigmoid;
  EXPECT_THAT(ToClassification(spec, std::vector<float>{0.25f}).probabilities,
              ElementsAre(0.75f, 0.25f));
}

TEST(AnswerTest, ASoftmaxIsTakenAsItIs) {
  ModelSpec spec;
  spec.network.head = Head::kSoftmax;
  EXPECT_THAT(ToClassification(spec, std::vector<float>{0.5f, 0.25f, 0.25f})
                  .probabilities,
              ElementsAre(0.5f, 0.25f, 0.25f));
}

}  // namespace
}  // namespace recur
