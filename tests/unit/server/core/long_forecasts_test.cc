// Service: forecasts beyond the horizon of a model.

#include <gmock/gmock.h>

#include "model/spec/error_reason.h"
#include "tests/unit/server/core/service_fixture.h"
#include "tests/unit/server/grid_model.h"

namespace recur {
namespace {

constexpr int kHours = 12;

class LongForecastsTest : public ServiceTest {
 protected:
  LongForecastsTest() {
    Write("grid", RandomModel(GridSpec()));
    EXPECT_EQ(repository_->Poll(), 1);
    EXPECT_TRUE(Open({.model = "grid",
                      .session_id = "s",
                      .start_us = observed_.times_us.front()})
                    .ok());
    for (int i = 0; i < kHours; i += 4) {
      const auto first = observed_.values.begin() + 3 * i;
      EXPECT_TRUE(Observe({.session_id = "s", .steps = 4}, {first, first + 12})
                      .status.ok());
    }
  }

  RawSequence Context() const {
    return {.values = observed_.values, .times_us = observed_.times_us};
  }

  struct Forecast ByHand(int steps) const {
    return GridByHand(**repository_->Find("grid", std::nullopt), observed_,
                      steps, true, [](int k) { return k == 5 ? 1.0 : 0.0; });
  }
  static std::vector<double> Known(int steps) {
    std::vector<double> known(steps);
    if (steps > 5) known[5] = 1.0;
    return known;
  }

  const Observed observed_ = Hours(kHours);
};

TEST_F(LongForecastsTest, AreThoseOfAPlainLoopFromContextsAndSessions) {
  for (const int steps : {7, 12, 20}) {
    const struct Forecast expected = ByHand(steps);
    const auto of_context = Forecast(ForecastCall{.model = "grid",
                                                  .context = Context(),
                                                  .known = Known(steps),
                                                  .horizon = steps});
    ASSERT_TRUE(of_context.ok()) << of_context.status();
    EXPECT_EQ(of_context->forecast, expected) << steps;
    const auto of_session = Forecast(SessionForecastCall{.session_id = "s",
                                                         .min_step = kHours,
                                                         .known = Known(steps),
                                                         .horizon = steps});
    ASSERT_TRUE(of_session.ok()) << of_session.status();
    EXPECT_EQ(of_session->forecast, expected) << steps;
    EXPECT_EQ(of_session->applied_step, static_cast<uint64_t>(kHours));
    EXPECT_EQ(of_session->model->name, "grid");
  }
}

TEST_F(LongForecastsTest, LeaveTheSessionAsItIs) {
  const auto snapshot = [this] {
    Reply<SessionExport> reply;
    service_->ExportSession("s", reply.Take());
    EXPECT_TRUE(reply.Get().ok()) << reply.Get().status();
    return reply.Get()->snapshot;
  };
  const std::string before = snapshot();
  ASSERT_TRUE(
      Forecast(SessionForecastCall{.session_id = "s", .horizon = 30}).ok());
  EXPECT_EQ(snapshot(), before);
}

TEST_F(LongForecastsTest, OfASessionThatMovesOnAreThoseOfTheStepTheyName) {
  lanes_.held = true;
  Reply<ForecastResult> reply;
  service_->ForecastSession(
      {.session_id = "s", .known = Known(7), .horizon = 7}, reply.Take());
  auto batch = Batch({{.session_id = "s", .steps = 1}}, {{140, 1, 3}});
  service_->Submit(batch);
  lanes_.Run();
  ASSERT_TRUE(reply.Get().ok()) << reply.Get().status();
  EXPECT_EQ(reply.Get()->applied_step, static_cast<uint64_t>(kHours));
  EXPECT_EQ(reply.Get()->forecast, ByHand(7));
  EXPECT_EQ(batch->results[0].applied_step, static_cast<uint64_t>(kHours + 1));
}

TEST_F(LongForecastsTest, AreRefusedAsForecastsAreAndWhereTheModelCannot) {
  const auto reason = [&](SessionForecastCall call) {
    return ReasonOf(Forecast(std::move(call)).status()).value_or("ok");
  };
  EXPECT_EQ(reason({.session_id = "nobody", .horizon = 7}), "session_unknown");
  EXPECT_EQ(reason({.session_id = "s", .min_step = 13, .horizon = 7}),
            "session_behind");
  EXPECT_EQ(reason({.session_id = "s", .known = Known(6), .horizon = 7}),
            "wrong_known");
  EXPECT_EQ(reason({.session_id = "s", .horizon = 31}), "bad_horizon");
  EXPECT_EQ(reason({.session_id = "s", .horizon = 7, .deadline = lanes_.now}),
            "deadline_exceeded");
  EXPECT_EQ(reason({.session_id = "s", .horizon = 30}), "ok");
  const auto long_context = Forecast(
      ForecastCall{.model = "grid", .context = Context(), .horizon = 31});
  EXPECT_EQ(ReasonOf(long_context.status()), "bad_horizon");
  const auto classifier = Forecast(ForecastCall{
      .model = "sensor", .context = {.values = {1, 2}}, .horizon = 7});
  EXPECT_EQ(ReasonOf(classifier.status()), "wrong_want");
}

TEST_F(LongForecastsTest, OfAClassifiersSessionAreRefused) {
  ASSERT_TRUE(Open({.model = "sensor", .session_id = "label"}).ok());
  const auto result =
      Forecast(SessionForecastCall{.session_id = "label", .horizon = 7});
  EXPECT_EQ(ReasonOf(result.status()), "wrong_want");
}

}  // namespace
}  // namespace recur
