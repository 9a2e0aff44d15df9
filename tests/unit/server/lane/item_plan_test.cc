#include "server/lane/item_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "model/spec/error_reason.h"
#include "tests/unit/server/lane/lane_fixture.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kHourUs = int64_t{3600} * 1'000'000;

// Two columns an hour apart; "b" may be missing, "k" is known ahead.
Model HourlyModel() {
  Model model = AccumulatorModel(3);
  model.spec.features.columns[1].name = "b";
  model.spec.features.columns[2].name = "k";
  model.spec.features.columns[2].known_ahead = true;
  model.spec.features.targets = {0, 1};
  model.spec.features.output_scale = {1, 1};
  model.spec.features.interval = std::chrono::hours(1);
  model.spec.features.max_gap_intervals = 3;
  NetworkSpec& network = model.spec.network;
  network.horizon = 2;
  network.targets = 2;
  network.future_size = FutureWidth(model.spec.features);
  model.weights.clear();
  for (const TensorShape& shape : WeightShapes(network)) {
    model.weights[shape.name] = Identity(shape.dims, 0);
  }
  return model;
}

class ItemPlanTest : public ::testing::Test {
 protected:
  ItemPlanTest() {
    record_ =
        SessionRecord::Create("s", "", ServableOf(HourlyModel(), "hourly"), 4);
  }

  absl::Status Plan(Item item, std::vector<double> values,
                    std::vector<int64_t> times = {}) {
    batch_ = ItemBatch();
    batch_.items.push_back(std::move(item));
    batch_.values = std::move(values);
    batch_.times_us = std::move(times);
    batch_.wait_durable = wait_durable_;
    batch_.known = known_;
    if (auto status = batch_.Seal(); !status.ok()) return status;
    return PlanItem(*record_, batch_, 0, &plan_);
  }

  // As if steps had been applied with these payloads.
  void Applied(const std::vector<std::vector<double>>& steps) {
    for (const auto& values : steps) {
      record_->session.window.Record(++record_->session.applied_step,
                                     PayloadDigest(values, std::nullopt));
    }
  }

  SessionPtr record_;
  ItemBatch batch_;
  ItemPlan plan_;
  bool wait_durable_ = false;
  std::vector<double> known_;
};

TEST_F(ItemPlanTest, PlansOnlyTheFreshSteps) {
  Applied({{1, 2, 3}, {4, 5, 6}});
  ASSERT_TRUE(
      Plan({.first_step = 2, .steps = 3}, {4, 5, 6, 7, 8, 9, 1, 1, 1}).ok());
  EXPECT_EQ(plan_.decision.duplicates, 1);
  EXPECT_EQ(plan_.decision.fresh, 2);
  EXPECT_EQ(plan_.advances.size(), 2u);
  EXPECT_THAT(plan_.digests,
              ElementsAre(PayloadDigest({7, 8, 9}, std::nullopt),
                          PayloadDigest({1, 1, 1}, std::nullopt)));
}

TEST_F(ItemPlanTest, ChangesNothing) {
  Applied({{1, 2, 3}});
  const Session& session = record_->session;
  const std::vector<float> hidden(session.hidden.begin(), session.hidden.end());
  const FeatureClock clock = session.clock;
  ASSERT_TRUE(Plan({.steps = 1}, {4, 5, 6}, {kHourUs}).ok());
  EXPECT_FALSE(Plan({.first_step = 9, .steps = 1}, {4, 5, 6}).ok());
  EXPECT_THAT(session.hidden, ElementsAreArray(hidden));
  EXPECT_EQ(session.clock, clock);
  EXPECT_EQ(record_->session.applied_step, 1u);
}

TEST_F(ItemPlanTest, RefusesGapsWithTheStepItExpects) {
  Applied({{1, 2, 3}});
  const auto gap = Plan({.first_step = 5, .steps = 1}, {4, 5, 6});
  EXPECT_EQ(gap.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(gap), "step_gap");
  EXPECT_THAT(DetailsOf(gap), ElementsAre(std::pair("expected_step", "2")));
  const auto far =
      Plan({.first_step = std::numeric_limits<uint64_t>::max(), .steps = 2},
           {4, 5, 6, 7, 8, 9});
  EXPECT_EQ(ReasonOf(far), "step_gap");
  EXPECT_EQ(ReasonOf(Plan({.first_step = 0, .steps = 1}, {4, 5, 6})),
            "step_zero");
}

TEST_F(ItemPlanTest, CountsTheTimeAsPartOfThePayload) {
  ASSERT_TRUE(Plan({.steps = 1}, {1, 2, 3}, {kHourUs}).ok());
  record_->session.window.Record(1, plan_.digests[0]);
  record_->session.applied_step = 1;
  const Item again{.first_step = 1, .steps = 1};
  EXPECT_TRUE(Plan(again, {1, 2, 3}, {kHourUs}).ok());
  EXPECT_EQ(ReasonOf(Plan(again, {1, 2, 3}, {2 * kHourUs})), "step_changed");
  EXPECT_EQ(ReasonOf(Plan(again, {1, 2, 3})), "step_changed");
  const absl::Status changed = Plan(again, {1, 2, 4}, {kHourUs});
  EXPECT_EQ(ReasonOf(changed), "step_changed");
  EXPECT_EQ(DetailsOf(changed),
            (std::vector<std::pair<std::string, std::string>>{
                {"expected_step", "2"}}));
}

TEST_F(ItemPlanTest, FollowsTimesThroughTheItem) {
  ASSERT_TRUE(Plan({.steps = 3}, std::vector<double>(9, 1.0),
                   {kHourUs, 2 * kHourUs, 5 * kHourUs})
                  .ok());
  EXPECT_EQ(plan_.advances[0].intervals, 1);
  EXPECT_EQ(plan_.advances[1].intervals, 1);
  EXPECT_EQ(plan_.advances[2].intervals, 3);
  const auto late = Plan({.steps = 3}, std::vector<double>(9, 1.0),
                         {kHourUs, 2 * kHourUs, 2 * kHourUs});
  EXPECT_EQ(ReasonOf(late), "time_late");
  EXPECT_THAT(std::string(late.message()), HasSubstr("step 3: "));
  EXPECT_EQ(ReasonOf(Plan({.steps = 2}, std::vector<double>(6, 1.0),
                          {kHourUs, 9 * kHourUs})),
            "time_gap");
}

TEST_F(ItemPlanTest, TakesTimesFromTheStartOfTheSession) {
  record_->session.start_us = 10 * kHourUs;
  record_->session.applied_step = 4;
  ASSERT_TRUE(Plan({.steps = 2}, std::vector<double>(6, 1.0)).ok());
  EXPECT_EQ(plan_.advances[0].time_us, 14 * kHourUs);
  EXPECT_EQ(plan_.advances[1].time_us, 15 * kHourUs);
}

TEST_F(ItemPlanTest, RefusesWidthsThatDoNotDivide) {
  const auto odd = Plan({.steps = 2}, {1, 2, 3, 4, 5});
  EXPECT_EQ(ReasonOf(odd), "wrong_width");
  EXPECT_EQ(odd.message(),
            "input has 5 values for 2 steps; model \"hourly\" expects 3 "
            "features per step");
  EXPECT_EQ(ReasonOf(Plan({.steps = 0}, {1, 2, 3})), "wrong_width");
  EXPECT_EQ(ReasonOf(Plan({.steps = 1}, {})), "wrong_width");
}

TEST_F(ItemPlanTest, RefusesCountsThatAreHostile) {
  for (const int steps : {-1, -1'000'000, std::numeric_limits<int>::min(),
                          std::numeric_limits<int>::max()}) {
    EXPECT_EQ(ReasonOf(Plan({.steps = steps}, {1, 2, 3})), "wrong_width")
        << steps;
  }
}

TEST_F(ItemPlanTest, ChecksKnownInputsOnlyWhereAForecastIsWanted) {
  known_ = {1, 2, 3};
  EXPECT_TRUE(Plan({.steps = 1}, {1, 2, 3}).ok());
  const Item forecast{.steps = 1, .want = Want::kForecast};
  EXPECT_EQ(ReasonOf(Plan(forecast, {1, 2, 3})), "wrong_known");
  known_ = {1, std::numeric_limits<double>::infinity()};
  EXPECT_EQ(ReasonOf(Plan(forecast, {1, 2, 3})), "wrong_known");
  known_ = {1, 2};
  EXPECT_TRUE(Plan(forecast, {1, 2, 3}).ok());
}

TEST_F(ItemPlanTest, RefusesToWaitForAStoreThatIsNotThere) {
  wait_durable_ = true;
  EXPECT_EQ(ReasonOf(Plan({.steps = 1}, {1, 2, 3})), "not_durable");
}

TEST_F(ItemPlanTest, PlansAReadWithoutSteps) {
  Applied({{1, 2, 3}});
  ASSERT_TRUE(Plan({.want = Want::kForecast, .min_step = 1}, {}).ok());
  EXPECT_EQ(plan_.decision.fresh, 0);
  EXPECT_THAT(plan_.advances, IsEmpty());
  const auto behind = Plan({.want = Want::kForecast, .min_step = 2}, {});
  EXPECT_EQ(ReasonOf(behind), "session_behind");
  EXPECT_THAT(DetailsOf(behind), ElementsAre(std::pair("applied_step", "1")));
}

TEST(TimeAfterTest, AddsIntervalsAndStopsAtTheEndOfTime) {
  using std::chrono::hours;
  constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(TimeAfter(5, 0, hours(1)), 5);
  EXPECT_EQ(TimeAfter(-kHourUs, 3, hours(1)), 2 * kHourUs);
  EXPECT_EQ(TimeAfter(kEnd, 1, hours(1)), kEnd);
  EXPECT_EQ(TimeAfter(0, std::numeric_limits<uint64_t>::max(), hours(1)), kEnd);
  EXPECT_EQ(TimeAfter(kEnd, 7, hours(0)), kEnd);
}

TEST(ItemBatchTest, FindsTheColumnsOfEachItem) {
  ItemBatch batch;
  batch.items = {{.steps = 2}, {.steps = 0}, {.steps = 1}};
  batch.value_counts = {4, 0, 2};
  batch.values = {1, 2, 3, 4, 5, 6};
  batch.times_us = {10, 20, 30};
  ASSERT_TRUE(batch.Seal().ok());
  EXPECT_THAT(batch.ValuesOf(0), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(batch.ValuesOf(1), IsEmpty());
  EXPECT_THAT(batch.ValuesOf(2), ElementsAre(5, 6));
  EXPECT_THAT(batch.TimesOf(0), ElementsAre(10, 20));
  EXPECT_THAT(batch.TimesOf(1), IsEmpty());
  EXPECT_THAT(batch.TimesOf(2), ElementsAre(30));
  EXPECT_EQ(batch.results.size(), 3u);
}

TEST(ItemBatchTest, RefusesColumnsThatDoNotAgree) {
  const auto seal = [](std::vector<uint32_t> counts, size_t values,
                       size_t times) {
    ItemBatch batch;
    batch.items = {{.steps = 1}, {.steps = 2}};
    batch.value_counts = std::move(counts);
    batch.values.resize(values);
    batch.times_us.resize(times);
    return batch.Seal();
  };
  EXPECT_TRUE(seal({1, 2}, 3, 0).ok());
  EXPECT_TRUE(seal({1, 2}, 3, 3).ok());
  EXPECT_EQ(ReasonOf(seal({1}, 3, 0)), "bad_columns");
  EXPECT_EQ(seal({1, 2}, 4, 0).message(),
            "the items have 3 values; the message has 4");
  EXPECT_EQ(seal({1, 2}, 3, 2).message(),
            "the items have 3 steps; the message has 2 times");
  EXPECT_EQ(ReasonOf(seal({0xffffffff, 0xffffffff}, 3, 0)), "bad_columns");
}

// Another item's observations must not move with a count below 0.
TEST(ItemBatchTest, KeepsItemsApartFromACountBelowZero) {
  ItemBatch batch;
  batch.items = {{.steps = -5}, {.steps = 1}};
  batch.value_counts = {0, 1};
  batch.values = {7};
  batch.times_us = {10};
  ASSERT_TRUE(batch.Seal().ok());
  EXPECT_THAT(batch.TimesOf(0), IsEmpty());
  EXPECT_THAT(batch.TimesOf(1), ElementsAre(10));
}

}  // namespace
}  // namespace recur
