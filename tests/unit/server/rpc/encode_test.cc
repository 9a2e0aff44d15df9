#include "server/rpc/encode.h"

#include <gtest/gtest.h>

#include "server/rpc/encode_model.h"
#include "server/rpc/rpc_status.h"
#include "tests/unit/server/rpc/quantile_model.h"
#include "tests/unit/server/rpc/wire_error.h"

namespace recur {
namespace {

TEST(EncodeTest, GivesTheMostProbableLabelsFirst) {
  const auto model = LabelModel();
  v1::ClassAnswer answer;
  EncodeClassification(model->spec, {.probabilities = {0.3f, 0.4f, 0.3f}}, 2,
                       &answer);
  ASSERT_EQ(answer.labels_size(), 2);
  EXPECT_EQ(answer.labels(0).label(), "rain");
  EXPECT_EQ(answer.labels(0).probability(), 0.4f);
  EXPECT_EQ(answer.labels(1).label(), "calm");
}

TEST(EncodeTest, GivesAllLabelsUnlessToldOtherwise) {
  for (uint32_t top_k : {0u, 3u, 100u}) {
    v1::ClassAnswer answer;
    EncodeClassification(LabelModel()->spec,
                         {.probabilities = {0.3f, 0.4f, 0.3f}}, top_k, &answer);
    EXPECT_EQ(answer.labels_size(), 3);
  }
}

TEST(EncodeTest, NamesTargetsAndTheLevelsKept) {
  ForecastResult result{.model = QuantileModel(), .applied_step = 12};
  result.forecast.point.assign(6, 1.0);
  result.forecast.quantiles.assign(18, 1.0);
  v1::ForecastOptions options;
  options.set_horizon(1);
  options.add_quantile_levels(0.9);
  v1::ForecastResponse response;
  ASSERT_TRUE(EncodeForecastResult(result, options, &response).ok());
  EXPECT_EQ(response.model(), "grid");
  EXPECT_EQ(response.version(), 4);
  ASSERT_EQ(response.targets_size(), 2);
  EXPECT_EQ(response.targets(1), "price");
  ASSERT_EQ(response.quantile_levels_size(), 1);
  EXPECT_EQ(response.quantile_levels(0), 0.9);
  EXPECT_EQ(response.horizon(), 1u);
  EXPECT_EQ(response.applied_step(), 12u);
  EXPECT_EQ(response.forecast().point_size(), 2);
}

TEST(EncodeTest, RefusesWhatTheForecastIsTooShortFor) {
  // Another version of the model has answered than was asked.
  ForecastResult result{.model = QuantileModel()};
  result.forecast.point.assign(6, 1.0);
  result.forecast.quantiles.assign(18, 1.0);
  v1::ForecastOptions options;
  options.set_horizon(4);
  v1::ForecastResponse response;
  EXPECT_THAT(ToRpcStatus(EncodeForecastResult(result, options, &response)),
              IsError(grpc::StatusCode::INVALID_ARGUMENT, "bad_horizon", "4"));
  result.forecast.point.assign(8, 1.0);
  result.forecast.quantiles.assign(24, 1.0);
  ASSERT_TRUE(EncodeForecastResult(result, options, &response).ok());
  EXPECT_TRUE(response.forecast().extrapolated());
}

TEST(EncodeTest, SaysThatSessionsInMemoryAreNotDurable) {
  v1::Session session;
  EncodeSession({.id = "s",
                 .model = QuantileModel(),
                 .applied_step = 3,
                 .idle_ttl = std::chrono::seconds(60)},
                Durability::kNone, &session);
  EXPECT_EQ(session.session_id(), "s");
  EXPECT_EQ(session.version(), 4);
  EXPECT_EQ(session.durability(), v1::DURABILITY_NONE);
  EXPECT_EQ(session.durable_step(), 0u);
  EXPECT_EQ(session.idle_ttl_seconds(), 60);
}

TEST(EncodeTest, NamesTheModelOfASessionThatIsStored) {
  v1::Session session;
  EncodeSession({.id = "s", .stored_model = "grid", .stored_version = 3},
                Durability::kLocal, &session);
  EXPECT_EQ(session.model(), "grid");
  EXPECT_EQ(session.version(), 3);
}

TEST(EncodeTest, DescribesAModel) {
  v1::Model model;
  EncodeModel({.name = "grid",
               .version = 4,
               .state = ModelState::kReady,
               .servable = QuantileModel(),
               .latest = true},
              &model);
  EXPECT_EQ(model.state(), v1::MODEL_STATE_READY);
  EXPECT_EQ(model.task(), "forecast");
  ASSERT_EQ(model.inputs_size(), 3);
  EXPECT_TRUE(model.inputs(0).target());
  EXPECT_FALSE(model.inputs(2).target());
  EXPECT_TRUE(model.inputs(2).known_ahead());
  EXPECT_EQ(model.horizon(), 3u);
  EXPECT_EQ(model.quantile_levels_size(), 3);
  EXPECT_EQ(model.interval_us(), 3'600'000'000);
  EXPECT_GT(model.parameters(), 0u);
  EXPECT_TRUE(model.latest());
}

TEST(EncodeTest, TellsWhyAModelFailed) {
  v1::Model model;
  EncodeModel({.name = "grid",
               .version = 5,
               .state = ModelState::kFailed,
               .error = "weights.safetensors is truncated"},
              &model);
  EXPECT_EQ(model.state(), v1::MODEL_STATE_FAILED);
  EXPECT_EQ(model.error(), "weights.safetensors is truncated");
  EXPECT_EQ(model.task(), "");
}

}  // namespace
}  // namespace recur
