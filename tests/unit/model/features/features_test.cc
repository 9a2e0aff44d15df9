#include "model/features/features.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "model/features/layout.h"
#include "tests/unit/model/features/history.h"

namespace recur {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

constexpr int64_t kHourUs = 3600LL * 1000000;

void ExpectNear(const float* actual, const std::vector<double>& expected) {
  for (size_t i = 0; i < expected.size(); ++i) {
    ASSERT_NEAR(actual[i], expected[i],
                1e-5 * std::max(1.0, std::abs(expected[i])))
        << "at " << i;
  }
}

class Random {
 public:
  explicit Random(int seed) : bits_(seed) {}
  int Int(int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(bits_);
  }
  bool Chance(double p) { return std::bernoulli_distribution(p)(bits_); }
  double Normal() { return std::normal_distribution<double>()(bits_); }

 private:
  std::mt19937 bits_;
};

FeatureSpec RandomSpec(Random& random) {
  FeatureSpec spec;
  const int columns = random.Int(1, 5);
  for (int i = 0; i < columns; ++i) {
    Column column;
    column.name = std::string(1, static_cast<char>('a' + i));
    column.mean = 10 * random.Normal();
    column.scale = 0.1 + std::abs(3 * random.Normal());
    column.may_be_missing = random.Chance(0.5);
    column.known_ahead = i > 0 && random.Chance(0.3);
    spec.columns.push_back(column);
    if (!column.known_ahead && random.Chance(0.6)) spec.targets.push_back(i);
  }
  if (random.Chance(0.4)) {
    spec.columns.push_back({.name = "series", .may_be_missing = true});
    spec.columns.back().categories = 3;
  }
  spec.output_scale.assign(spec.targets.size(), 1.5);
  spec.interval = std::chrono::microseconds(kHourUs);
  spec.max_gap_intervals = random.Int(1, 6);
  spec.calendar.day_harmonics = random.Int(0, 3);
  spec.calendar.week_harmonics = random.Int(0, 2);
  spec.calendar.year_harmonics = random.Int(0, 3);
  spec.calendar.utc_offset_minutes = random.Int(-720, 720);
  spec.changes = random.Chance(0.5);
  if (random.Chance(0.7)) spec.seasons.push_back(random.Int(1, 5));
  if (random.Chance(0.4)) spec.seasons.push_back(random.Int(6, 30));
  if (random.Chance(0.5)) spec.season_values = 2;
  if (random.Chance(0.5)) spec.anchor = Anchor::kLast;
  if (random.Chance(0.4)) spec.input_clip = 1.2;
  spec.calendar.dates = random.Chance(0.3);
  spec.running_scale = random.Chance(0.4);
  if (spec.anchor == Anchor::kLast && !spec.targets.empty() &&
      random.Chance(0.6)) {
    spec.autoregression = {random.Int(1, 20), random.Int(0, 2)};
    if (spec.columns.back().categories > 0) {
      spec.autoregression.column = static_cast<int>(spec.columns.size()) - 1;
    }
  }
  return spec;
}

Weights RandomWeights(const FeatureSpec& spec, int horizon, Random& random) {
  Weights weights;
  for (const TensorShape& shape : FeatureWeightShapes(spec, horizon)) {
    Tensor tensor{shape.dims, {}};
    for (int64_t i = 0; i < ElementCount(shape.dims); ++i) {
      tensor.values.push_back(static_cast<float>(random.Normal()));
    }
    weights.emplace(shape.name, std::move(tensor));
  }
  return weights;
}

std::vector<double> RandomValues(const FeatureSpec& spec, Random& random) {
  std::vector<double> values;
  for (const Column& column : spec.columns) {
    const bool missing = column.may_be_missing && random.Chance(0.3);
    if (column.categories > 0 && !missing) {
      values.push_back(random.Int(0, column.categories));  // one too many
      continue;
    }
    values.push_back(missing ? kNaN
                             : column.mean + column.scale * random.Normal());
  }
  return values;
}

void CheckFuture(const Features& features, const History& history,
                 const FeatureState& state, Random& random) {
  const int horizon = random.Int(1, 40);
  std::vector<double> known;
  if (random.Chance(0.5)) {
    for (int i = 0; i < horizon * features.known_count(); ++i) {
      known.push_back(random.Normal());
    }
  }
  const size_t width = features.future_size();
  std::vector<float> rows(horizon * width + 1, -77.0f);
  features.Future(state, horizon, known, rows.data());
  for (int k = 0; k < horizon && width > 0; ++k) {
    const auto begin = known.empty()
                           ? known.end()
                           : known.begin() + k * features.known_count();
    const auto end =
        known.empty() ? known.end() : begin + features.known_count();
    const std::vector<double> expected =
        history.FutureRow(k, std::vector<double>(begin, end));
    ASSERT_EQ(expected.size(), width);
    ExpectNear(rows.data() + k * width, expected);
  }
  EXPECT_EQ(rows.back(), -77.0f);  // nothing is written beyond the end
}

void RunRandomSequence(int seed) {
  SCOPED_TRACE(seed);
  Random random(seed);
  const FeatureSpec spec = RandomSpec(random);
  const int horizon = random.Int(1, 100);
  const Weights weights = RandomWeights(spec, horizon, random);
  const auto features = Features::Create(spec, weights);
  ASSERT_TRUE(features.ok()) << features.status();
  History history(
      spec,
      weights.empty() ? std::vector<float>() : weights.begin()->second.values,
      horizon);
  FeatureState state = features->InitialState();
  int64_t time = 1330000000LL * 1000000 + random.Int(0, 1000000);
  const size_t width = features->input_size();
  for (int step = 0; step < 80; ++step) {
    const int jump = step == 0 || random.Chance(0.7)
                         ? 1
                         : random.Int(1, spec.max_gap_intervals);
    time += jump * kHourUs + random.Int(-1000000, 1000000);
    const std::vector<double> values = RandomValues(spec, random);
    const Observation observation{values, time};
    const auto advance =
        features->Check(observation, state.last_time_us, "random");
    ASSERT_TRUE(advance.ok()) << advance.status();
    ASSERT_EQ(advance->intervals, jump);
    std::vector<float> inputs(jump * width + 1, -77.0f);
    features->Apply(observation, *advance, &state, inputs.data());
    EXPECT_EQ(inputs.back(), -77.0f);
    for (int row = 0; row < jump; ++row) {
      const bool last = row == jump - 1;
      history.Add(last ? values : std::vector<double>(values.size(), kNaN),
                  time - (jump - 1 - row) * kHourUs);
      const std::vector<double> expected = history.Input(history.size() - 1);
      ASSERT_EQ(expected.size(), width);
      ExpectNear(inputs.data() + row * width, expected);
    }
    ASSERT_EQ(state.observed, history.size());
    ASSERT_EQ(state.last_time_us, time);
    ASSERT_EQ(static_cast<int>(state.values.size()), features->state_size());
    CheckFuture(*features, history, state, random);
    for (size_t j = 0; j < spec.targets.size(); ++j) {
      const double unit =
          spec.running_scale
              ? history.ScaleAt(history.size() - 1, spec.targets[j])
              : 1.0;
      ASSERT_NEAR(features->ToRaw(state, j, 2.0f),
                  history.AnchorOf(j) + 3.0 * unit, 1e-9);
    }
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(FeaturesTest, EqualsARecomputationFromTheWholeHistory) {
  for (int seed = 1; seed <= 150 && !HasFatalFailure(); ++seed) {
    RunRandomSequence(seed);
  }
}

// Every missed interval sent as an observation of NaNs gives the same inputs
// and the same state, bit for bit, as the jump over them.
TEST(FeaturesTest, AJumpIsThatManyMissingObservationsLessOneThenTheRealOne) {
  for (int seed = 1; seed <= 50; ++seed) {
    Random random(seed);
    FeatureSpec spec = RandomSpec(random);
    for (Column& column : spec.columns) column.may_be_missing = true;
    spec.max_gap_intervals = 9;
    const Features features =
        *Features::Create(spec, RandomWeights(spec, 20, random));
    const size_t width = features.input_size();
    FeatureState jumped = features.InitialState();
    FeatureState walked = features.InitialState();
    int64_t time = 1330000000LL * 1000000;
    for (int step = 0; step < 20; ++step) {
      const int jump = step == 0 ? 1 : random.Int(1, 9);
      const std::vector<double> values = RandomValues(spec, random);
      const std::vector<double> nothing(values.size(), kNaN);
      std::vector<float> a(jump * width);
      std::vector<float> b(jump * width);
      for (int row = 0; row < jump; ++row) {
        time += kHourUs;
        const Observation one{row == jump - 1 ? values : nothing, time};
        const auto advance = features.Check(one, walked.last_time_us, "m");
        ASSERT_TRUE(advance.ok());
        features.Apply(one, *advance, &walked, b.data() + row * width);
      }
      const Observation whole{values, time};
      const auto advance = features.Check(whole, jumped.last_time_us, "m");
      ASSERT_EQ(advance->intervals, jump);
      features.Apply(whole, *advance, &jumped, a.data());
      ASSERT_EQ(a, b);
      ASSERT_EQ(jumped.observed, walked.observed);
      ASSERT_EQ(jumped.last_time_us, walked.last_time_us);
    }
    std::vector<float> a(20 * features.future_size());
    std::vector<float> b = a;
    features.Future(jumped, 20, {}, a.data());
    features.Future(walked, 20, {}, b.data());
    EXPECT_EQ(a, b);
  }
}

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

TEST(FeaturesTest, TheLayoutHasASlotForEveryValue) {
  for (int seed = 1; seed <= 50; ++seed) {
    Random random(seed);
    const FeatureSpec spec = RandomSpec(random);
    EXPECT_EQ(InputSlots(spec).size(), static_cast<size_t>(InputWidth(spec)));
    EXPECT_EQ(FutureSlots(spec).size(), static_cast<size_t>(FutureWidth(spec)));
  }
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
