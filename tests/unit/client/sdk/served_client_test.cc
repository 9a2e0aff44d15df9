// The client against the real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <mutex>

#include "client/sdk/client.h"
#include "model/spec/error_reason.h"
#include "tests/tiny_server.h"

namespace recur::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kDay = 86'400'000'000;

class ServedClientTest : public ::testing::Test {
 protected:
  ServedClientTest()
      : client_(std::move(*Client::Create({.target = server_.target()}))) {}

  ObserveCall Day(const std::string& session, uint64_t step, double temp) {
    return {.session_id = session,
            .first_step = step,
            .observations = {.values = {temp, 1.0},
                             .times_us = {static_cast<int64_t>(step) * kDay}},
            .want = Want::kForecast};
  }

  TinyServer server_;
  Client client_;
};

TEST_F(ServedClientTest, ObservesForecastsAndCloses) {
  const auto session = client_.OpenSession({.model = "tiny"});
  ASSERT_TRUE(session.ok()) << session.status();
  EXPECT_EQ(session->durability, Durability::kNone);
  const auto observed = client_.Observe(Day(session->session_id, 1, 20.0));
  ASSERT_TRUE(observed.ok()) << observed.status();
  EXPECT_THAT(observed->forecast->point, ElementsAre(20, 20, 20));
  EXPECT_THAT(observed->forecast->quantiles,
              ElementsAre(18, 20, 22, 18, 20, 22, 18, 20, 22));
  EXPECT_EQ(observed->forecast->start_us, 2 * kDay);
  const auto forecast =
      client_.Forecast({.session_id = session->session_id, .min_step = 1});
  ASSERT_TRUE(forecast.ok()) << forecast.status();
  EXPECT_EQ(forecast->forecast.quantiles, observed->forecast->quantiles);
  EXPECT_EQ(forecast->applied_step, 1u);
  EXPECT_EQ(*client_.CloseSession(session->session_id), 1u);
  EXPECT_EQ(ReasonOf(client_.GetSession(session->session_id).status()),
            "session_closed");
}

TEST_F(ServedClientTest, AStepSentTwiceIsAppliedOnce) {
  const auto session = client_.OpenSession({.model = "tiny"});
  const ObserveCall call = Day(session->session_id, 1, 7.0);
  const auto first = client_.Observe(call);
  const auto again = client_.Observe(call);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(first->duplicate);
  EXPECT_TRUE(again->duplicate);
  EXPECT_EQ(again->applied_step, 1u);
  EXPECT_EQ(again->forecast, first->forecast);
}

TEST_F(ServedClientTest, AGapTellsTheExpectedStep) {
  const auto session = client_.OpenSession({.model = "tiny"});
  const auto result = client_.Observe(Day(session->session_id, 5, 7.0));
  EXPECT_EQ(result.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(result.status()), "step_gap");
  EXPECT_THAT(DetailsOf(result.status()),
              ::testing::Contains(::testing::Pair("expected_step", "1")));
}

TEST_F(ServedClientTest, ModelsTellTheirInputs) {
  const auto model = client_.GetModel("tiny");
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->task, "forecast");
  EXPECT_EQ(model->horizon, 3u);
  EXPECT_THAT(model->quantile_levels, ElementsAre(0.1, 0.5, 0.9));
  ASSERT_EQ(model->inputs.size(), 2u);
  EXPECT_TRUE(model->inputs[0].target);
  EXPECT_TRUE(model->inputs[1].may_be_missing);
  EXPECT_EQ(client_.ListModels()->size(), 4u);
  EXPECT_TRUE(client_.CheckHealth("recur.v1.Recur").ok());
}

// Every session must get the forecasts of its own values, step by step.
TEST_F(ServedClientTest, StreamsManySessionsWithoutMixingThem) {
  constexpr int kSessions = 40;
  constexpr int kSteps = 100;
  std::map<std::pair<uint32_t, uint64_t>, double> points;
  std::vector<absl::Status> errors;
  Stream::Handlers handlers;
  handlers.on_reply = [&](const StreamReply& reply) {
    if (!reply.status.ok()) {
      errors.push_back(reply.status);
    } else {
      points[{reply.handle, reply.step}] = reply.forecast->point[0];
    }
  };
  auto stream = client_.OpenStream({}, std::move(handlers));
  ASSERT_TRUE(stream.ok());
  std::vector<uint32_t> handles;
  for (int i = 0; i < kSessions; ++i) {
    const auto session = client_.OpenSession({.model = "tiny"});
    ASSERT_TRUE(session.ok()) << session.status();
    const auto attached = (*stream)->Attach(session->session_id);
    ASSERT_TRUE(attached.ok()) << attached.status();
    EXPECT_EQ(attached->resume_step, 1u);
    handles.push_back(attached->handle);
  }
  for (uint64_t step = 1; step <= kSteps; ++step) {
    for (int i = 0; i < kSessions; ++i) {
      const std::vector<double> values = {1000.0 * i + step, 0.0};
      const std::vector<int64_t> time = {static_cast<int64_t>(step) * kDay};
      ASSERT_TRUE((*stream)
                      ->Push({.handle = handles[i],
                              .first_step = step,
                              .values = values,
                              .times_us = time,
                              .want = Want::kForecast})
                      .ok());
    }
  }
  EXPECT_TRUE((*stream)->Finish().ok());
  ASSERT_TRUE(errors.empty()) << errors.front();
  ASSERT_EQ(points.size(), size_t{kSessions * kSteps});
  for (int i = 0; i < kSessions; ++i) {
    for (uint64_t step = 1; step <= kSteps; ++step) {
      ASSERT_DOUBLE_EQ((points[{handles[i], step}]), 1000.0 * i + step);
    }
  }
}

TEST_F(ServedClientTest, AStreamTellsWhichItemIsWrong) {
  std::vector<StreamReply> replies;
  Stream::Handlers handlers;
  handlers.on_reply = [&](const StreamReply& reply) {
    replies.push_back(reply);
  };
  auto stream = client_.OpenStream({}, std::move(handlers));
  const auto session = client_.OpenSession({.model = "tiny"});
  const auto attached = (*stream)->Attach(session->session_id);
  ASSERT_TRUE(attached.ok()) << attached.status();
  const std::vector<double> good = {1, 2};
  const std::vector<double> wide = {1, 2, 3};
  const std::vector<int64_t> time = {kDay};
  const uint32_t handle = attached->handle;
  (*stream)
      ->Push({.handle = handle, .values = wide, .times_us = time})
      .IgnoreError();
  (*stream)->Drain().IgnoreError();
  (*stream)
      ->Push({.handle = handle, .values = good, .times_us = time})
      .IgnoreError();
  EXPECT_TRUE((*stream)->Finish().ok());
  ASSERT_EQ(replies.size(), 2u);
  EXPECT_EQ(replies[0].status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(replies[0].status.message(), HasSubstr("2"));
  EXPECT_TRUE(replies[1].status.ok()) << replies[1].status;
}

TEST_F(ServedClientTest, AnUnknownSessionFailsItsAttach) {
  auto stream = client_.OpenStream({}, {});
  const auto attached = (*stream)->Attach("nobody");
  EXPECT_EQ(attached.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(attached.status()), "session_unknown");
}

}  // namespace
}  // namespace recur::client
