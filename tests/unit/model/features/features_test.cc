#include "model/features/features.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/unit/model/features/history.h"

namespace recur {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

constexpr int64_t kHourUs = 3600LL * 1000000;

FeatureSpec OneTarget() {
  FeatureSpec spec;
  spec.columns = {{.name = "y"}};
  spec.targets = {0};
  spec.output_scale = {1.0};
  return spec;
}

std::vector<float> ApplyOne(const Features& features, double value,
                            FeatureState* state) {
  std::vector<float> inputs(features.input_size());
  features.Apply({{&value, 1}, std::nullopt}, {}, state, inputs.data());
  return inputs;
}

TEST(FeaturesTest, TheCalendarFollowsSummerTime) {
  FeatureSpec zoned = OneTarget();
  zoned.interval = std::chrono::hours(1);
  zoned.calendar = {.day_harmonics = 2, .dates = true};
  FeatureSpec fixed = zoned;
  zoned.calendar.time_zone = "Europe/London";
  const auto inputs = [](const FeatureSpec& spec, int64_t time_us) {
    const Features features = *Features::Create(spec);
    FeatureState state = features.InitialState();
    std::vector<float> inputs(features.input_size());
    features.Apply({.values = {0.0}}, {.time_us = time_us}, &state,
                   inputs.data());
    return inputs;
  };
  const int64_t winter = 1705276800LL * 1000000;  // 2024-01-15, midnight
  const int64_t summer = 1721001600LL * 1000000;  // 2024-07-15
  EXPECT_EQ(inputs(zoned, winter), inputs(fixed, winter));
  fixed.calendar.utc_offset_minutes = 60;
  EXPECT_EQ(inputs(zoned, summer), inputs(fixed, summer));
  zoned.calendar.time_zone = "Europe/Atlantis\n";
  EXPECT_EQ(Features::Create(zoned).status().message(),
            "features.calendar.time_zone is not a time zone of this machine: "
            "\"Europe/Atlantis\\n\"");
}

TEST(FeaturesTest, RefusesWeightsOfAnotherShape) {
  FeatureSpec spec = OneTarget();
  EXPECT_FALSE(Features::Create(spec, {{"autoregression.weight", {}}}).ok());
  spec.anchor = Anchor::kLast;
  spec.autoregression.lags = 2;
  EXPECT_FALSE(Features::Create(spec).ok());
  const auto create = [&](std::vector<int64_t> dims, size_t values) {
    return Features::Create(
        spec, {{"autoregression.weight", {dims, std::vector<float>(values)}}});
  };
  EXPECT_TRUE(create({1, 1, 3, 5}, 15).ok());
  for (const auto& dims : std::vector<std::vector<int64_t>>{{1, 1, 2, 5},
                                                            {2, 1, 3, 5},
                                                            {1, 3, 5},
                                                            {1, 1, 3, 0},
                                                            {1, 1, 3, -5}}) {
    EXPECT_FALSE(create(dims, 15).ok());
  }
  EXPECT_FALSE(create({1, 1, 3, 5}, 14).ok());
}

TEST(FeaturesTest, TheAccumulatorSpecIsTheIdentity) {
  const Features features = *Features::Create(OneTarget());
  ASSERT_EQ(features.input_size(), 1);
  ASSERT_EQ(features.future_size(), 0);
  FeatureState state = features.InitialState();
  for (double value : {1.0, -3.0, 0.1, 16777215.0, -0.0}) {
    EXPECT_THAT(ApplyOne(features, value, &state),
                ElementsAre(static_cast<float>(value)));
    EXPECT_EQ(features.ToRaw(state, 0, static_cast<float>(value)),
              static_cast<double>(static_cast<float>(value)));
    EXPECT_FALSE(features.WarmingUp(state));
  }
  EXPECT_EQ(state.observed, 5);
}

TEST(FeaturesTest, ScalesInDoubleBeforeNarrowing) {
  FeatureSpec spec = OneTarget();
  spec.columns[0].mean = 1e9;
  spec.columns[0].scale = 0.5;
  const Features features = *Features::Create(spec);
  FeatureState state = features.InitialState();
  EXPECT_THAT(ApplyOne(features, 1e9 + 0.25, &state), ElementsAre(0.5f));
}

TEST(FeaturesTest, HugeValuesGiveFiniteInputsAndStates) {
  FeatureSpec spec = OneTarget();
  spec.columns[0].scale = 1e-3;
  spec.changes = true;
  spec.seasons = {1};
  const Features features = *Features::Create(spec);
  FeatureState state = features.InitialState();
  for (double value : {1.7e308, -1.7e308, 1.7e308, 1.0, 2.0}) {
    for (float input : ApplyOne(features, value, &state)) {
      EXPECT_TRUE(std::isfinite(input));
    }
  }
  std::vector<float> rows(features.future_size());
  features.Future(state, 1, {}, rows.data());
  EXPECT_TRUE(std::isfinite(rows[0]));
}

TEST(FeaturesTest, ClipsSeasonsOfTargetStepsWiderThanInputs) {
  FeatureSpec spec = OneTarget();
  spec.seasons = {1};
  spec.anchor = Anchor::kMean;
  spec.input_clip = 8.0;
  const Features features = *Features::Create(spec);
  FeatureState state = features.InitialState();
  EXPECT_THAT(ApplyOne(features, 100.0, &state), ElementsAre(8.0f, 0.0f));
  EXPECT_THAT(ApplyOne(features, -100.0, &state), ElementsAre(-8.0f, -8.0f));
  std::vector<float> rows(3);
  features.Future(state, 3, {}, rows.data());
  EXPECT_THAT(rows, Each(-12.0f));
}

TEST(FeaturesTest, WarmsUpUntilTheLongestSeasonIsFilled) {
  FeatureSpec spec = OneTarget();
  spec.seasons = {2, 5};
  const Features features = *Features::Create(spec);
  FeatureState state = features.InitialState();
  for (int seen = 0; seen < 9; ++seen) {
    EXPECT_EQ(features.WarmingUp(state), seen < 5) << seen;
    ApplyOne(features, seen, &state);
  }
}

TEST(FeaturesTest, AStateBeforeAnyObservationKnowsNothingAheadButMeans) {
  FeatureSpec spec = OneTarget();
  spec.columns.push_back({.name = "load", .mean = 5.0, .known_ahead = true});
  spec.interval = std::chrono::hours(1);
  spec.calendar.day_harmonics = 1;
  spec.seasons = {3};
  spec.anchor = Anchor::kLast;
  const Features features = *Features::Create(spec);
  std::vector<float> rows(2 * features.future_size(), 7.0f);
  features.Future(features.InitialState(), 2, {}, rows.data());
  EXPECT_THAT(rows, Each(0.0f));
}

TEST(FeaturesTest, ACopyOfTheStateForksTheSequence) {
  FeatureSpec spec = OneTarget();
  spec.changes = true;
  const Features features = *Features::Create(spec);
  FeatureState state = features.InitialState();
  ApplyOne(features, 1.0, &state);
  FeatureState fork = state;
  EXPECT_THAT(ApplyOne(features, 3.0, &fork), ElementsAre(3.0f, 2.0f, 2.0f));
  EXPECT_THAT(ApplyOne(features, 0.0, &state), ElementsAre(0.0f, -1.0f, -1.0f));
}

TEST(FeaturesTest, AForecastFedBackIsAnObservationAnIntervalLater) {
  FeatureSpec spec = OneTarget();
  spec.columns.push_back({.name = "holiday",
                          .mean = 0.5,
                          .may_be_missing = true,
                          .known_ahead = true});
  spec.interval = std::chrono::hours(1);
  spec.calendar.day_harmonics = 1;
  spec.changes = true;
  const Features features = *Features::Create(spec);
  const double inf = std::numeric_limits<double>::infinity();
  FeatureState fed = features.InitialState();
  FeatureState seen = features.InitialState();
  std::vector<float> from_forecast(features.input_size());
  std::vector<float> from_values(features.input_size());
  const auto observe = [&](std::vector<double> values, int hour,
                           FeatureState* state) {
    features.Apply({.values = values}, {.time_us = hour * kHourUs}, state,
                   from_values.data());
  };
  const auto feed = [&](double point, const std::vector<double>& known) {
    features.FeedBack({&point, 1}, known, &fed, from_forecast.data());
  };
  observe({4, kNaN}, 7, &fed);
  observe({4, kNaN}, 7, &seen);
  const auto expect_same = [&](const char* what) {
    EXPECT_EQ(from_forecast, from_values) << what;
    EXPECT_EQ(fed.last_time_us, seen.last_time_us) << what;
    EXPECT_EQ(fed.observed, seen.observed) << what;
    EXPECT_EQ(fed.values, seen.values) << what;
  };
  feed(3, {});
  observe({3, 0.5}, 8, &seen);
  expect_same("the mean stands in");
  feed(-2, {1});
  observe({-2, 1}, 9, &seen);
  expect_same("known");
  feed(9, {});
  observe({9, 1}, 10, &seen);
  expect_same("the last seen stands in");
  feed(-inf, {0});
  observe({9, 0}, 11, &seen);
  expect_same("a point that is not finite");
}

TEST(FeaturesTest, AForecastFedBackHasNoTimeWhereThereWasNone) {
  const Features features = *Features::Create(OneTarget());
  FeatureState state = features.InitialState();
  const double point = 2.0;
  float input = 0.0f;
  features.FeedBack({&point, 1}, {}, &state, &input);
  EXPECT_EQ(input, 2.0f);
  EXPECT_EQ(state.last_time_us, FeatureState::kNoTime);
  EXPECT_EQ(state.observed, 1);
}

TEST(FeaturesTest, ListsTheColumnsKnownAhead) {
  FeatureSpec spec = OneTarget();
  spec.columns.push_back({.name = "load", .known_ahead = true});
  spec.columns.push_back({.name = "wind"});
  spec.columns.push_back({.name = "holiday", .known_ahead = true});
  const Features features = *Features::Create(spec);
  EXPECT_EQ(features.known_count(), 2);
  EXPECT_THAT(features.known_columns(), ElementsAre(1, 3));
}

TEST(FeaturesTest, RefusesASpecThatIsNotValid) {
  FeatureSpec spec = OneTarget();
  spec.columns[0].scale = 0.0;
  EXPECT_EQ(Features::Create(spec).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace recur
