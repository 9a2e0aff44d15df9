#include "model/train/forecast/merge_forecasters.h"

#include <cmath>
#include <numeric>

#include "gtest/gtest.h"
#include "model/network/onednn/onednn_engine.h"
#include "model/train/forecast/autoregression_fit.h"
#include "model/train/forecast/backtest.h"
#include "model/train/forecast/forecast_judge.h"
#include "model/train/forecast/forecast_plan.h"
#include "model/train/forecast/forecast_stage.h"
#include "model/train/learning/initial_weights.h"
#include "model/train/learning/serve_model.h"
#include "tests/unit/model/train/forecast/series_fixtures.h"

namespace recur {
namespace {

// Two targets with a week, and noise that is the same everywhere.
ForecastData TwoTargets() {
  std::string csv = "date,y,z\n";
  for (int day = 0; day < 200; ++day) {
    const double noise = std::fmod(std::sin(day * 12.9898) * 43758.5453, 1.0);
    absl::StrAppend(&csv, FormatTime((18262 + day) * kDayUs), ",",
                    50 + 5 * (day % 7) + noise, ",",
                    std::sin(day * 0.3) + 0.2 * noise, "\n");
  }
  ForecastDataOptions options;
  options.time = "date";
  options.targets = {"y", "z"};
  options.horizon = 3;
  options.test_rows = 30;
  return *MakeForecastData(*CsvTable::Parse(csv, "two.csv"), options);
}

struct Prepared {
  ForecastData data;
  ForecastPlan plan;
  std::vector<SeriesGrid> grids;
  ForecastStage stage;
  std::vector<TrainedMember> members;
};

// Members with pseudo-random weights.
Prepared Prepare(ForecastSettings settings, std::vector<double> shares) {
  UseOneThreadPerCall();
  ForecastData data = TwoTargets();
  settings.hidden_size = 5;
  settings.decoder_size = 4;
  ForecastPlan plan = *PlanForecast(data, settings);
  FeatureSpec bare = plan.spec.features;
  bare.autoregression = {};
  std::vector<SeriesGrid> grids = *MakeGrids(*Features::Create(bare), data);
  ForecastStage stage = *MakeStage(data, plan, grids, {170}, {170});
  std::vector<TrainedMember> trained;
  for (const Member& member : ChooseMembers(plan.spec)) {
    Weights weights = InitialWeights(member.network, plan.spec.quantiles,
                                     11 + trained.size());
    Random random(5);
    for (float& value : weights["decoder.weight_skip"].values) {
      value = random.Uniform(-0.3f, 0.3f);
    }
    trained.push_back(
        {member,
         MeasureUnits(plan.spec, member, stage.trace, stage.learnt),
         std::move(weights),
         {shares[trained.size()], 0.4},
         {1.0 - shares[trained.size()], 0.1}});
  }
  return {std::move(data), std::move(plan), std::move(grids), std::move(stage),
          std::move(trained)};
}

// The mix of what the members answer by themselves, in features' units.
std::vector<float> MixOfMembers(const Prepared& prepared,
                                const std::vector<int>& origins) {
  const int levels = prepared.plan.spec.network.levels;
  std::vector<float> mix;
  for (const TrainedMember& own : prepared.members) {
    const ForecastTrace trace =
        TraceForMember(own.member, own.units, prepared.stage.trace);
    const std::vector<float> outputs =
        *AnswersAt(own.member.network, own.weights, trace, origins, 1000);
    const auto forecasts = [&](double share) {
      return MemberForecasts(own.member, own.units, prepared.stage.trace,
                             origins, share, outputs);
    };
    const std::vector<float> network = forecasts(1.0);
    const std::vector<float> reference = forecasts(0.0);
    mix.resize(network.size());
    for (size_t i = 0; i < mix.size(); ++i) {
      const size_t target = i / levels % 2;
      mix[i] += static_cast<float>(own.trust[target] * network[i] +
                                   own.reference_trust[target] * reference[i]);
    }
  }
  return mix;
}

void ExpectMergedIsTheMix(const Prepared& prepared) {
  const Model merged =
      MergeForecasters(prepared.plan.spec,
                       prepared.stage.autoregression.weights, prepared.members);
  ASSERT_TRUE(ValidateModelSpec(merged.spec).ok());
  std::vector<int> origins(prepared.stage.trace.origins.size());
  std::iota(origins.begin(), origins.end(), 0);
  const std::vector<float> expected = MixOfMembers(prepared, origins);
  const std::vector<float> actual = *AnswersAt(
      merged.spec.network, merged.weights, prepared.stage.trace, origins, 1000);
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) {
    ASSERT_NEAR(actual[i], expected[i],
                1e-5 * std::max(1.0f, std::abs(expected[i])))
        << i;
  }
}

TEST(MergeForecastersTest, AnswersTheMixOfItsMembers) {
  for (CellKind kind : {CellKind::kLstm, CellKind::kGru, CellKind::kRnn}) {
    ForecastSettings settings;
    settings.cell.kind = kind;
    settings.layers = kind == CellKind::kGru ? 2 : 1;
    const Prepared prepared = Prepare(settings, {0.75, 0.25});
    ASSERT_EQ(prepared.members.size(), 2u);
    ExpectMergedIsTheMix(prepared);
  }
}

TEST(MergeForecastersTest, MeanForecastsAndLonelyMembersMergeToo) {
  ForecastSettings settings;
  settings.loss = LossKind::kMse;
  ExpectMergedIsTheMix(Prepare(settings, {1.0, 0.5}));
  settings.lags = 0;
  const Prepared lonely = Prepare(settings, {1.0});
  ASSERT_EQ(lonely.members.size(), 1u);
  ExpectMergedIsTheMix(lonely);
}

// The trace that members learn from is what a server computes.
TEST(MergeForecastersTest, ServedFromRawValuesItAnswersTheSame) {
  const Prepared prepared = Prepare({}, {0.5, 1.0});
  const Model merged =
      MergeForecasters(prepared.plan.spec,
                       prepared.stage.autoregression.weights, prepared.members);
  const Servable served = *ServeModel(merged);
  // Origins at the end: the fit to everything made their linear forecasts.
  const ForecastTrace& trace = prepared.stage.trace;
  const int last = static_cast<int>(trace.origins.size()) - 1;
  const std::vector<Forecast> answers =
      *Backtest(served, prepared.data, {trace.origins[last]});
  const std::vector<float> expected = MixOfMembers(prepared, {last});
  FeatureState state = served.features.InitialState();
  const ForecastSeries& own = prepared.data.series[0];
  std::vector<float> inputs(served.features.input_size());
  for (int row = 0; row <= trace.origins[last].row; ++row) {
    const auto advance =
        served.features.Check(own.At(row), state.last_time_us, "");
    served.features.Apply(own.At(row), *advance, &state, inputs.data());
  }
  const Forecast whole =
      served.features.ToForecast(merged.spec, state, expected);
  ASSERT_EQ(answers[0].quantiles.size(), whole.quantiles.size());
  for (size_t i = 0; i < whole.quantiles.size(); ++i) {
    EXPECT_NEAR(answers[0].quantiles[i], whole.quantiles[i],
                1e-5 * std::max(1.0, std::abs(whole.quantiles[i])));
  }
}

}  // namespace
}  // namespace recur
