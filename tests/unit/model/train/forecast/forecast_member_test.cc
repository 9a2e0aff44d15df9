#include "model/train/forecast/forecast_member.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "gtest/gtest.h"
#include "model/features/layout.h"
#include "model/train/forecast/forecast_plan.h"
#include "model/train/forecast/forecast_stage.h"
#include "tests/unit/model/train/forecast/series_fixtures.h"

namespace recur {
namespace {

constexpr int kHorizon = 3;

// Of a week on a steady rise, which has happened a week before just so.
double WeekOnARise(int day) { return 5.0 * (day % 7) + 0.3 * day; }

struct Prepared {
  ForecastPlan plan;
  ForecastStage stage;
};

Prepared Prepare(const std::function<double(int)>& value,
                 ForecastSettings settings) {
  const ForecastData data = *ParseSeries(DailyCsv(200, value), kHorizon, 30);
  ForecastPlan plan = *PlanForecast(data, settings);
  FeatureSpec bare = plan.spec.features;
  bare.autoregression = {};
  const std::vector<SeriesGrid> grids =
      *MakeGrids(*Features::Create(bare), data);
  ForecastStage stage = *MakeStage(data, plan, grids, {170}, {170});
  return {std::move(plan), std::move(stage)};
}

// The largest distance between a target and what is forecast without the
// network, as a part of the largest target.
double WorstOfReference(const Prepared& prepared, const Member& member) {
  const ForecastTrace& trace = prepared.stage.trace;
  const MemberUnits units =
      MeasureUnits(prepared.plan.spec, member, trace, prepared.stage.learnt);
  const auto levels = static_cast<size_t>(member.network.levels);
  const std::vector<float> nothing(prepared.stage.learnt.size() * kHorizon *
                                   levels);
  const std::vector<float> forecasts = MemberForecasts(
      member, units, trace, prepared.stage.learnt, 0.0, nothing);
  double worst = 0.0;
  double largest = 0.0;
  for (size_t i = 0; i < prepared.stage.learnt.size() * kHorizon; ++i) {
    const double truth =
        trace.targets[prepared.stage.learnt[i / kHorizon] * kHorizon +
                      i % kHorizon];
    const double median = forecasts[i * levels + levels / 2];
    worst = std::max(worst, std::abs(median - truth));
    largest = std::max(largest, std::abs(truth));
  }
  return worst / largest;
}

TEST(ForecastMemberTest, TheReferenceOfTheSeasonsRepeatsAWeek) {
  ForecastSettings settings;
  settings.seasons = {7};
  const Prepared prepared = Prepare(WeekOnARise, settings);
  const std::vector<Member> members = ChooseMembers(prepared.plan.spec);
  ASSERT_FALSE(members.back().corrects);
  EXPECT_LT(WorstOfReference(prepared, members.back()), 0.01);
}

TEST(ForecastMemberTest, WithoutSeasonsTheReferenceIsTheLastValue) {
  ForecastSettings settings;
  settings.seasons = std::vector<int>();
  const Prepared prepared = Prepare(WeekOnARise, settings);
  const Member member = ChooseMembers(prepared.plan.spec).back();
  const MemberUnits units = MeasureUnits(
      prepared.plan.spec, member, prepared.stage.trace, prepared.stage.learnt);
  ASSERT_EQ(units.reference.size(), 1u);
  EXPECT_TRUE(units.reference[0].empty());
  EXPECT_GT(WorstOfReference(prepared, member), 0.5);
}

TEST(ForecastMemberTest, OneMemberSeesTheSeasonsAndOneTheLinearForecast) {
  ForecastSettings settings;
  settings.seasons = {7};
  const Prepared prepared = Prepare(WeekOnARise, settings);
  const std::vector<Member> members = ChooseMembers(prepared.plan.spec);
  ASSERT_EQ(members.size(), 2u);
  const std::vector<Slot> slots = FutureSlots(prepared.plan.spec.features);
  const auto sees = [&](const Member& member, SlotKind kind) {
    return std::any_of(member.future.begin(), member.future.end(),
                       [&](int column) { return slots[column].kind == kind; });
  };
  EXPECT_TRUE(members[0].corrects);
  EXPECT_TRUE(sees(members[0], SlotKind::kAutoregression));
  EXPECT_FALSE(sees(members[0], SlotKind::kLastSeason));
  EXPECT_FALSE(sees(members[1], SlotKind::kAutoregression));
  EXPECT_TRUE(sees(members[1], SlotKind::kLastSeason));
}

}  // namespace
}  // namespace recur
