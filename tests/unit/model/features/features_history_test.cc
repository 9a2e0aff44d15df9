// Random specs and sequences against a recomputation from the whole history.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "model/features/features.h"
#include "model/features/layout.h"
#include "tests/unit/model/features/history.h"

namespace recur {
namespace {

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
  spec.season_values = random.Int(1, 3);
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

TEST(FeaturesHistoryTest, EqualsARecomputationFromTheWholeHistory) {
  for (int seed = 1; seed <= 150 && !HasFatalFailure(); ++seed) {
    RunRandomSequence(seed);
  }
}

// Every missed interval sent as an observation of NaNs gives the same inputs
// and the same state, bit for bit, as the jump over them.
TEST(FeaturesHistoryTest,
     AJumpIsThatManyMissingObservationsLessOneThenTheRealOne) {
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

TEST(FeaturesHistoryTest, TheLayoutHasASlotForEveryValue) {
  for (int seed = 1; seed <= 50; ++seed) {
    Random random(seed);
    const FeatureSpec spec = RandomSpec(random);
    EXPECT_EQ(InputSlots(spec).size(), static_cast<size_t>(InputWidth(spec)));
    EXPECT_EQ(FutureSlots(spec).size(), static_cast<size_t>(FutureWidth(spec)));
  }
}

}  // namespace
}  // namespace recur
