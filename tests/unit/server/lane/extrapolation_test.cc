#include "server/lane/extrapolation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "model/spec/error_reason.h"
#include "tests/unit/server/grid_model.h"
#include "tests/unit/server/lane/lane_fixture.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ExtrapolationTest : public LaneTest {
 protected:
  absl::StatusOr<Answer> Run(WholeSequence whole) {
    absl::StatusOr<Answer> answer = absl::UnknownError("not called");
    whole.done = [&answer](absl::StatusOr<Answer> result) {
      answer = std::move(result);
    };
    const auto status = CheckWholeSequence(whole, 1000);
    if (!status.ok()) return status;
    lane_.Submit(std::move(whole), now_);
    RunDry();
    EXPECT_EQ(lane_.stats().queued_items.value(), 0);
    return answer;
  }

  Forecast Ahead(WholeSequence whole) {
    const auto answer = Run(std::move(whole));
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? std::get<Forecast>(*answer) : Forecast();
  }

  // A session's state, read as a forecast beyond the horizon reads it.
  SequenceState Read(const std::string& id) {
    const ItemResult result =
        Observe({.session_id = id, .want = Want::kState}, {});
    EXPECT_TRUE(result.status.ok()) << result.status;
    return std::get<SequenceState>(*result.answer);
  }

  const std::shared_ptr<const Servable> grid_ =
      ServableOf(RandomModel(GridSpec()), "grid");
};

TEST_F(ExtrapolationTest, EqualsAPlainLoopThatFeedsThePointsBack) {
  for (const int hours : {1, 4, 40}) {
    const Observed observed = Hours(hours);
    for (const int steps : {4, 6, 7, 30}) {
      const std::vector<double> known = Holidays(steps);
      const auto holiday = [&](int k) { return known[std::min(k, steps - 1)]; };
      EXPECT_EQ(Ahead({.model = grid_,
                       .values = observed.values,
                       .times_us = observed.times_us,
                       .known = known,
                       .horizon = steps}),
                GridByHand(*grid_, observed, steps, true, holiday))
          << hours << " hours, " << steps << " steps";
    }
  }
}

TEST_F(ExtrapolationTest, TakesTheLastKnownInputsWhereNoneAreSent) {
  const Observed observed = Hours(9);
  const double last = observed.values[3 * 8 + 1];
  EXPECT_EQ(Ahead({.model = grid_,
                   .values = observed.values,
                   .times_us = observed.times_us,
                   .horizon = 8}),
            GridByHand(*grid_, observed, 8, false, [&](int) { return last; }));
}

TEST_F(ExtrapolationTest, BeginsWithTheForecastOfTheTrainedHorizon) {
  const Observed observed = Hours(9);
  const auto ahead = [&](int horizon) {
    return Ahead({.model = grid_,
                  .values = observed.values,
                  .times_us = observed.times_us,
                  .horizon = horizon});
  };
  const Forecast trained = ahead(0);
  Forecast longer = ahead(2 * kGridHorizon + 1);
  ASSERT_EQ(longer.point.size(), 2u * (2 * kGridHorizon + 1));
  longer.point.resize(trained.point.size());
  longer.quantiles.resize(trained.quantiles.size());
  EXPECT_EQ(longer, trained);
  EXPECT_EQ(ahead(2), trained) << "within it, it is cut by the caller";
}

TEST_F(ExtrapolationTest, GoesOnFromACopyOfASessionsState) {
  model_ = grid_;
  Open("s");
  const Observed observed = Hours(6);
  auto batch = Batch({.session_id = "s", .steps = 6}, observed.values);
  batch->times_us = observed.times_us;
  Submit(batch);
  RunDry();
  const SequenceState before = Read("s");
  const Forecast expected = GridByHand(*grid_, observed, 10, false, [&](int) {
    return observed.values[3 * 5 + 1];
  });
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(Ahead({.model = grid_, .state = Read("s"), .horizon = 10}),
              expected);
    EXPECT_EQ(Read("s"), before);
  }
  EXPECT_EQ(lane_.Get("s", now_)->applied_step, 6u);
}

TEST_F(ExtrapolationTest, SumsEachStepOfTheAccumulatorOnce) {
  // It forecasts its sum s one step ahead; fed back, the sum doubles.
  EXPECT_THAT(Ahead({.model = model_, .values = {1, 2, 3}, .horizon = 6}).point,
              ElementsAre(6, 12, 24, 48, 96, 192));
}

TEST_F(ExtrapolationTest, TakesTurnsWithLiveSessions) {
  Open("live");
  absl::StatusOr<Answer> answer = absl::UnknownError("not called");
  lane_.Submit(WholeSequence{.model = model_,
                             .values = {1},
                             .horizon = 10,
                             .done = [&](auto result) { answer = result; }},
               now_);
  for (int i = 1; i <= 5; ++i) {
    Submit(Batch({.session_id = "live", .steps = 1}, {1}));
    lane_.Tick(now_);
    EXPECT_EQ(lane_.Get("live", now_)->applied_step, static_cast<uint64_t>(i));
    EXPECT_FALSE(answer.ok()) << "it is stepped one step a batch";
  }
  RunDry();
  EXPECT_TRUE(answer.ok()) << answer.status();
}

TEST_F(ExtrapolationTest, IsDroppedWhenItsDeadlinePasses) {
  absl::StatusOr<Answer> answer = absl::UnknownError("not called");
  lane_.Submit(WholeSequence{.model = model_,
                             .values = {1},
                             .horizon = 10,
                             .deadline = now_ + std::chrono::seconds(1),
                             .done = [&](auto result) { answer = result; }},
               now_);
  for (int i = 0; i < 4; ++i) lane_.Tick(now_);
  now_ += std::chrono::seconds(2);
  RunDry();
  EXPECT_EQ(ReasonOf(answer.status()), "deadline_exceeded");
  EXPECT_EQ(lane_.stats().queued_items.value(), 0);
}

TEST_F(ExtrapolationTest, OutlivesPointsThatAreNotFinite) {
  // Sums of the largest float overflow the network: what follows is no number,
  // and nothing else comes to harm.
  const double most = std::numeric_limits<float>::max();
  const Forecast forecast =
      Ahead({.model = model_, .values = {most, most}, .horizon = 4});
  EXPECT_EQ(forecast.point.size(), 4u);
  EXPECT_THAT(Ahead({.model = model_, .values = {1}, .horizon = 2}).point,
              ElementsAre(1, 2));
}

TEST_F(ExtrapolationTest, GoesBeyondTheLastTimeThatMayBeObserved) {
  ModelSpec spec = GridSpec();
  spec.features.interval = std::chrono::hours(24 * 3660);
  spec.network.input_size = InputWidth(spec.features);
  const auto decades = ServableOf(RandomModel(spec), "decades");
  const int64_t year_9999_us = 253402300799999999;
  const Forecast forecast = Ahead({.model = decades,
                                   .values = {100, 0, 5},
                                   .times_us = {year_9999_us},
                                   .horizon = 30});
  EXPECT_EQ(forecast.point.size(), 60u);
  for (const double point : forecast.point) EXPECT_TRUE(std::isfinite(point));
}

TEST_F(ExtrapolationTest, IsBoundedByTheModelsHorizonAndByPoints) {
  EXPECT_EQ(LongestHorizon(*grid_), 10 * kGridHorizon);
  const auto status = CheckHorizon(*grid_, 31);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), "bad_horizon");
  EXPECT_THAT(DetailsOf(status),
              ElementsAre(std::pair("horizon", "3"),
                          std::pair("longest_horizon", "30")));
  EXPECT_EQ(
      status.message(),
      "horizon is 31; model \"grid\" has 3; it can be extrapolated to 30: "
      "to 10 times its horizon, and to 4096 points (steps times targets)");
  ModelSpec wide = GridSpec();
  wide.network.horizon = 500;
  EXPECT_EQ(LongestHorizon(*ServableOf(RandomModel(wide), "wide")), 2000);
  wide.network.horizon = 3000;
  const auto wider = ServableOf(RandomModel(wide), "wider");
  EXPECT_EQ(LongestHorizon(*wider), 3000);
  EXPECT_TRUE(CheckHorizon(*wider, 3000).ok());
  EXPECT_EQ(ReasonOf(CheckHorizon(*wider, 3001)), "bad_horizon");
  const int64_t most = std::numeric_limits<uint32_t>::max();
  EXPECT_EQ(ReasonOf(CheckHorizon(*grid_, most)), "bad_horizon");
}

TEST_F(ExtrapolationTest, NamesTheInputThatNothingCanBeFedTo) {
  ModelSpec spec = GridSpec();
  spec.features.columns[1].known_ahead = false;
  spec.network.future_size = FutureWidth(spec.features);
  const auto model = ServableOf(RandomModel(spec), "grid");
  EXPECT_EQ(LongestHorizon(*model), kGridHorizon);
  EXPECT_TRUE(CheckHorizon(*model, kGridHorizon).ok());
  const auto status = CheckHorizon(*model, kGridHorizon + 1);
  EXPECT_EQ(ReasonOf(status), "bad_horizon");
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("its input \"holiday\" is neither a target nor known "
                        "ahead"));
  EXPECT_THAT(DetailsOf(status),
              ::testing::Contains(std::pair("column", "holiday")));
}

TEST_F(ExtrapolationTest, RefusesModelsThatTakeWholeSequencesOnly) {
  ModelSpec spec = GridSpec();
  spec.network.bidirectional = true;
  const auto model = ServableOf(RandomModel(spec), "both_ways");
  EXPECT_THAT(std::string(CheckHorizon(*model, 4).message()),
              HasSubstr("it is bidirectional"));
}

TEST_F(ExtrapolationTest, RefusesKnownInputsForFewerOrMoreSteps) {
  const Observed observed = Hours(2);
  for (const int steps : {1, 3, 4, 6, 7}) {
    const auto answer = Run({.model = grid_,
                             .values = observed.values,
                             .times_us = observed.times_us,
                             .known = Holidays(steps),
                             .horizon = 5});
    EXPECT_EQ(ReasonOf(answer.status()), "wrong_known") << steps;
    EXPECT_THAT(std::string(answer.status().message()),
                HasSubstr("expects 5 steps x 1 inputs known ahead"));
  }
}

TEST_F(ExtrapolationTest, AnswersManyAtOnceEachAsIfAlone) {
  std::vector<absl::StatusOr<Answer>> answers(20,
                                              absl::UnknownError("not called"));
  for (int i = 0; i < 20; ++i) {
    const Observed observed = Hours(1 + i);
    lane_.Submit(
        WholeSequence{.model = grid_,
                      .values = observed.values,
                      .times_us = observed.times_us,
                      .known = Holidays(4 + i),
                      .horizon = 4 + i,
                      .done = [&, i](auto result) { answers[i] = result; }},
        now_);
  }
  RunDry();
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(answers[i].ok()) << answers[i].status();
    const std::vector<double> known = Holidays(4 + i);
    EXPECT_EQ(std::get<Forecast>(*answers[i]),
              GridByHand(*grid_, Hours(1 + i), 4 + i, true,
                         [&](int k) { return known[std::min(k, 3 + i)]; }))
        << i;
  }
}

}  // namespace
}  // namespace recur
