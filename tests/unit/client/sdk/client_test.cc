#include "client/sdk/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/replay/shard.h"
#include "model/spec/error_reason.h"
#include "tests/unit/client/sdk/fake_server.h"

namespace recur::client {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Client MakeClient(const std::string& target,
                  milliseconds budget = milliseconds(5'000)) {
  auto client = Client::Create({.target = target,
                                .timeout = milliseconds(20'000),
                                .retry = {.initial = milliseconds(1),
                                          .max = milliseconds(2),
                                          .budget = budget}});
  EXPECT_TRUE(client.ok()) << client.status();
  return std::move(*client);
}

const grpc::Status kLost(grpc::StatusCode::UNAVAILABLE, "connection reset");

TEST(ClientTest, ObserveSendsTheStepNumberAndReadsTheAnswer) {
  FakeServer server;
  Client client = MakeClient(server.target());
  const auto result =
      client.Observe({.session_id = "s",
                      .first_step = 17,
                      .observations = {.values = {0.1, 12.5}, .times_us = {5}},
                      .want = Want::kForecast});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->applied_step, 17u);
  ASSERT_EQ(server.recur.observed.size(), 1u);
  const v1::ObserveRequest& request = server.recur.observed[0];
  EXPECT_EQ(request.session_id(), "s");
  EXPECT_TRUE(request.has_first_step());
  EXPECT_EQ(request.want(), v1::WANT_FORECAST);
  EXPECT_THAT(request.observations().values_f64(), ElementsAre(0.1, 12.5));
  EXPECT_THAT(request.observations().time_us(), ElementsAre(5));
}

TEST(ClientTest, ACallGoesWhereTheStreamOfItsSessionGoes) {
  FakeServer server;
  auto client = Client::Create({.target = server.target(), .shards = 64});
  for (const char* id : {"boiler-7", "boiler-8"}) {
    ASSERT_TRUE(client->Observe({.session_id = id, .first_step = 1}).ok());
  }
  EXPECT_THAT(server.recur.shards(),
              ElementsAre(std::to_string(ShardOf("boiler-7", 64)),
                          std::to_string(ShardOf("boiler-8", 64))));
  EXPECT_FALSE(Client::Create({.shards = 0}).ok());
}

TEST(ClientTest, ObserveIsSentAgainUnchangedWhenTheTransportFails) {
  FakeServer server;
  server.recur.failures = {kLost, kLost};
  Client client = MakeClient(server.target());
  const auto result = client.Observe(
      {.session_id = "s", .first_step = 4, .observations = {.values = {1}}});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->duplicate);
  ASSERT_EQ(server.recur.observed.size(), 3u);
  for (const v1::ObserveRequest& request : server.recur.observed) {
    EXPECT_EQ(request.SerializeAsString(),
              server.recur.observed[0].SerializeAsString());
  }
}

TEST(ClientTest, AnOpenIsSentAgainWithTheSameRequestId) {
  FakeServer server;
  server.recur.failures = {kLost};
  Client client = MakeClient(server.target());
  const auto session = client.OpenSession({.model = "weather"});
  ASSERT_TRUE(session.ok()) << session.status();
  EXPECT_EQ(session->session_id, "made-by-server");
  EXPECT_EQ(session->durability, Durability::kNone);
  EXPECT_EQ(session->idle_ttl, Seconds(86'400));
  ASSERT_EQ(server.recur.opened.size(), 2u);
  EXPECT_THAT(server.recur.opened[0].request_id(), Not(IsEmpty()));
  EXPECT_EQ(server.recur.opened[0].request_id(),
            server.recur.opened[1].request_id());
  ASSERT_TRUE(client.OpenSession({.model = "weather"}).ok());
  EXPECT_NE(server.recur.opened[1].request_id(),
            server.recur.opened[2].request_id());
}

TEST(ClientTest, WhatTheServerRefusesIsNotSentAgain) {
  FakeServer server;
  server.recur.failures = {ServerError(grpc::StatusCode::FAILED_PRECONDITION,
                                       "step_gap", "step 9 leaves a gap")};
  Client client = MakeClient(server.target());
  const auto result = client.Observe({.session_id = "s", .first_step = 9});
  EXPECT_EQ(result.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(result.status().message(), "step 9 leaves a gap");
  EXPECT_EQ(ReasonOf(result.status()), "step_gap");
  EXPECT_EQ(server.recur.observed.size(), 1u);
}

TEST(ClientTest, GivesUpWithTheLastErrorWhenTheBudgetIsSpent) {
  FakeServer server;
  server.recur.failures = {kLost, kLost};
  Client client = MakeClient(server.target(), milliseconds(0));
  const auto result = client.Observe({.session_id = "s"});
  EXPECT_EQ(result.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(result.status().message(), "connection reset");
  EXPECT_EQ(server.recur.observed.size(), 1u);
}

TEST(ClientTest, AServerThatIsNotThereIsUnavailableWithoutAReason) {
  std::string target;
  {
    FakeServer server;
    target = server.target();
  }
  Client client = MakeClient(target, milliseconds(0));
  const auto models = client.ListModels();
  EXPECT_EQ(models.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(models.status()), std::nullopt);
}

TEST(ClientTest, ForecastsFromASessionOrAContext) {
  FakeServer server;
  Client client = MakeClient(server.target());
  const auto forecast = client.Forecast(
      {.session_id = "s", .min_step = 12, .options = {.horizon = 2}});
  ASSERT_TRUE(forecast.ok()) << forecast.status();
  EXPECT_EQ(server.recur.forecast_request.session_id(), "s");
  EXPECT_FALSE(server.recur.forecast_request.has_context());
  EXPECT_EQ(server.recur.forecast_request.min_step(), 12u);
  EXPECT_THAT(forecast->forecast.point, ElementsAre(20, 21));
  EXPECT_THAT(forecast->forecast.quantiles, ElementsAre(18, 22, 18.5, 24));
  EXPECT_EQ(forecast->forecast.point_kind, PointKind::kMedian);
  EXPECT_THAT(forecast->targets, ElementsAre("temp_max"));
  EXPECT_EQ(forecast->forecast.start_us, 86'400'000'000);

  ASSERT_TRUE(client
                  .Forecast({.model = "weather",
                             .version = 3,
                             .context = {.values = {1, 2}, .start_us = 9}})
                  .ok());
  EXPECT_EQ(server.recur.forecast_request.version(), 3);
  EXPECT_EQ(server.recur.forecast_request.context().start_us(), 9);
  EXPECT_THAT(server.recur.forecast_request.context().values_f64(),
              ElementsAre(1, 2));
}

TEST(ClientTest, ListsSessionsOverAllPages) {
  FakeServer server;
  server.recur.sessions = 5;
  Client client = MakeClient(server.target());
  const auto sessions = client.ListSessions();
  ASSERT_TRUE(sessions.ok()) << sessions.status();
  std::vector<std::string> ids;
  for (const SessionInfo& session : *sessions)
    ids.push_back(session.session_id);
  EXPECT_THAT(ids, ElementsAre("s0", "s1", "s2", "s3", "s4"));
}

TEST(ClientTest, HealthSaysWhichServiceDoesNotServe) {
  FakeServer server;
  Client client = MakeClient(server.target());
  EXPECT_TRUE(client.CheckHealth().ok());
  EXPECT_TRUE(client.CheckHealth("recur.v1.Recur").ok());
  const absl::Status status = client.CheckHealth("recur.v1.Models");
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status.message(), "recur.v1.Models is NOT_SERVING");
  EXPECT_EQ(client.CheckHealth("recur.v1.Nothing").code(),
            absl::StatusCode::kNotFound);
}

TEST(ClientTest, RefusesOptionsThatCannotWork) {
  EXPECT_THAT(Client::Create({.target = ""}).status().message(),
              HasSubstr("target is empty"));
  EXPECT_THAT(Client::Create({.timeout = milliseconds(-5)}).status().message(),
              HasSubstr("timeout is -5 ms"));
  EXPECT_EQ(
      Client::Create({.retry = {.initial = milliseconds(0)}}).status().code(),
      absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace recur::client
