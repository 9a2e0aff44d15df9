#include "server/rpc/recur_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "tests/unit/server/rpc/rpc_fixture.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

class RecurServiceTest : public RpcTest {
 protected:
  grpc::Status Forecast(const v1::ForecastRequest& request,
                        v1::ForecastResponse* response) {
    return Call(recur_.get(), &v1::Recur::Stub::Forecast, request, response);
  }
  grpc::Status Classify(const v1::ClassifyRequest& request,
                        v1::ClassifyResponse* response) {
    return Call(recur_.get(), &v1::Recur::Stub::Classify, request, response);
  }
  grpc::Status Get(const std::string& id, v1::GetSessionResponse* response) {
    v1::GetSessionRequest request;
    request.set_session_id(id);
    return Call(recur_.get(), &v1::Recur::Stub::GetSession, request, response);
  }
};

TEST_F(RecurServiceTest, ObservesStepsAndForecasts) {
  Open("sum", "s");
  v1::ObserveResponse response;
  ASSERT_TRUE(Observe(ObserveOf("s", 1, {1, 2, 4}), &response).ok());
  EXPECT_EQ(response.step(), 3u);
  EXPECT_EQ(response.applied_step(), 3u);
  EXPECT_FALSE(response.duplicate());
  EXPECT_THAT(response.forecast().point(), ElementsAre(7));
  EXPECT_EQ(response.forecast().point_kind(), v1::POINT_KIND_MEAN);
  EXPECT_EQ(response.model(), "sum");
  EXPECT_EQ(response.version(), 1);
}

TEST_F(RecurServiceTest, AnswersARetryAgainWithoutApplyingIt) {
  Open("sum", "s");
  v1::ObserveResponse first;
  v1::ObserveResponse again;
  ASSERT_TRUE(Observe(ObserveOf("s", 1, {5}), &first).ok());
  ASSERT_TRUE(Observe(ObserveOf("s", 1, {5}), &again).ok());
  EXPECT_TRUE(again.duplicate());
  EXPECT_EQ(again.applied_step(), 1u);
  EXPECT_EQ(again.forecast().SerializeAsString(),
            first.forecast().SerializeAsString());
}

TEST_F(RecurServiceTest, ForecastsFromASessionWithoutStepping) {
  Open("pair", "s");
  v1::ObserveResponse observed;
  ASSERT_TRUE(Observe(ObserveOf("s", 1, {1, 10, 2, 20}), &observed).ok());
  v1::ForecastRequest request;
  request.set_session_id("s");
  request.set_min_step(2);
  v1::ForecastResponse response;
  ASSERT_TRUE(Forecast(request, &response).ok());
  EXPECT_THAT(response.forecast().point(), ElementsAre(3, 30));
  EXPECT_THAT(response.targets(), ElementsAre("a0", "a1"));
  EXPECT_EQ(response.applied_step(), 2u);
  EXPECT_EQ(response.horizon(), 1u);
  request.set_min_step(3);
  EXPECT_THAT(Forecast(request, &response),
              IsError(grpc::StatusCode::FAILED_PRECONDITION, "session_behind",
                      "min_step is 3"));
}

TEST_F(RecurServiceTest, ForecastsFromAContext) {
  v1::ForecastRequest request;
  request.set_model("sum");
  for (float value : {1, 2, 3}) request.mutable_context()->add_values(value);
  v1::ForecastResponse response;
  ASSERT_TRUE(Forecast(request, &response).ok());
  EXPECT_THAT(response.forecast().point(), ElementsAre(6));
}

TEST_F(RecurServiceTest, ForecastsBeyondTheHorizonAndSaysSo) {
  Open("sum", "s");
  v1::ObserveResponse observed;
  ASSERT_TRUE(Observe(ObserveOf("s", 1, {1, 2}), &observed).ok());
  v1::ForecastRequest of_session;
  of_session.set_session_id("s");
  v1::ForecastRequest of_context;
  of_context.set_model("sum");
  for (float value : {1, 2}) of_context.mutable_context()->add_values(value);
  // The sum is fed back, so it doubles at every step.
  for (v1::ForecastRequest* request : {&of_session, &of_context}) {
    request->mutable_options()->set_horizon(4);
    v1::ForecastResponse response;
    const grpc::Status status = Forecast(*request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_THAT(response.forecast().point(), ElementsAre(3, 6, 12, 24));
    EXPECT_TRUE(response.forecast().extrapolated());
    EXPECT_EQ(response.horizon(), 4u);
    request->mutable_options()->set_horizon(1);
    ASSERT_TRUE(Forecast(*request, &response).ok());
    EXPECT_THAT(response.forecast().point(), ElementsAre(3));
    EXPECT_FALSE(response.forecast().extrapolated());
    request->mutable_options()->set_horizon(11);
    EXPECT_THAT(Forecast(*request, &response),
                IsError(grpc::StatusCode::INVALID_ARGUMENT, "bad_horizon",
                        "it can be extrapolated to 10"));
  }
}

TEST_F(RecurServiceTest, ClassifiesSequencesOfDifferentLengths) {
  v1::ClassifyRequest request;
  request.set_model("label");
  for (int steps : {1, 5}) {
    v1::Sequence* sequence = request.add_sequences();
    for (int i = 0; i < 2 * steps; ++i) sequence->add_values(0.5f);
  }
  request.set_top_k(1);
  v1::ClassifyResponse response;
  ASSERT_TRUE(Classify(request, &response).ok());
  ASSERT_EQ(response.answers_size(), 2);
  ASSERT_EQ(response.answers(0).labels_size(), 1);
  EXPECT_GE(response.answers(0).labels(0).probability(), 0.5f);
}

TEST_F(RecurServiceTest, OpensShowsListsAndClosesSessions) {
  const std::string made = Open("sum", "");
  EXPECT_FALSE(made.empty());
  Open("pair", "b");
  Open("pair", "a");
  v1::GetSessionResponse shown;
  ASSERT_TRUE(Get("b", &shown).ok());
  EXPECT_EQ(shown.session().model(), "pair");
  EXPECT_EQ(shown.session().durability(), v1::DURABILITY_NONE);
  EXPECT_GT(shown.session().expires_in_seconds(), 80'000);

  v1::ListSessionsRequest list;
  list.set_model("pair");
  list.set_page_size(1);
  v1::ListSessionsResponse page;
  ASSERT_TRUE(
      Call(recur_.get(), &v1::Recur::Stub::ListSessions, list, &page).ok());
  ASSERT_EQ(page.sessions_size(), 1);
  EXPECT_EQ(page.sessions(0).session_id(), "a");
  list.set_page_token(page.next_page_token());
  ASSERT_TRUE(
      Call(recur_.get(), &v1::Recur::Stub::ListSessions, list, &page).ok());
  EXPECT_EQ(page.sessions(0).session_id(), "b");
  EXPECT_EQ(page.next_page_token(), "");

  v1::CloseSessionRequest close;
  close.set_session_id("b");
  v1::CloseSessionResponse closed;
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(
        Call(recur_.get(), &v1::Recur::Stub::CloseSession, close, &closed)
            .ok());
  }
  EXPECT_THAT(Get("b", &shown),
              IsError(grpc::StatusCode::NOT_FOUND, "session_closed", "\"b\""));
}

TEST_F(RecurServiceTest, RefusesBadObservationsAndStaysAsItWas) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr auto kInvalid = grpc::StatusCode::INVALID_ARGUMENT;
  constexpr auto kPrecondition = grpc::StatusCode::FAILED_PRECONDITION;
  Open("pair", "p");
  v1::ObserveResponse out;
  ASSERT_TRUE(Observe(ObserveOf("p", 1, {1, 2}), &out).ok());
  struct Case {
    v1::ObserveRequest request;
    grpc::StatusCode code;
    std::string reason;
    std::string words;
  };
  v1::ObserveRequest wrong_want = ObserveOf("p", 2, {1, 2});
  wrong_want.set_want(v1::WANT_CLASS);
  v1::ObserveRequest wrong_level = ObserveOf("p", 2, {1, 2});
  wrong_level.mutable_forecast()->add_quantile_levels(0.5);
  v1::ObserveRequest durable = ObserveOf("p", 2, {1, 2});
  durable.set_wait_durable(true);
  const Case cases[] = {
      {ObserveOf("p", 2, {1}), kInvalid, "wrong_width",
       "input has 1 features; model \"pair\" expects 2"},
      {ObserveOf("p", 2, {1, kNan}), kInvalid, "missing_value",
       "step 2: column \"a1\" is NaN"},
      {ObserveOf("p", 2, {1, 2, 3, kInfinity}), kInvalid, "infinite_value",
       "step 3: column \"a1\" is inf"},
      {ObserveOf("p", 2, {}), kInvalid, "empty_sequence", "empty"},
      {ObserveOf("p", 0, {1, 2}), kInvalid, "step_zero", "first_step is 0"},
      {ObserveOf("p", 4, {1, 2}), kPrecondition, "step_gap",
       "step 4 does not follow; the session expects step 2"},
      {ObserveOf("p", 1, {1, 3}), kPrecondition, "step_changed",
       "step 1 was applied with other values"},
      {ObserveOf("nobody", 1, {1, 2}), grpc::StatusCode::NOT_FOUND,
       "session_unknown", "session \"nobody\" is not known"},
      {ObserveOf("p q", 1, {1, 2}), kInvalid, "bad_session_id", "byte 0x20"},
      {ObserveOf("p", 2, std::vector<float>(2 * 10'001, 1)), kInvalid,
       "item_too_long", "the item has 10001 steps; the limit is 10000"},
      {wrong_want, kInvalid, "wrong_want", "model \"pair\" does forecast"},
      {wrong_level, kInvalid, "unknown_quantile", "forecasts the mean alone"},
      {durable, kPrecondition, "not_durable", "in memory"},
  };
  for (const Case& bad : cases) {
    EXPECT_THAT(Observe(bad.request, &out),
                IsError(bad.code, bad.reason, bad.words));
  }
  v1::GetSessionResponse shown;
  ASSERT_TRUE(Get("p", &shown).ok());
  EXPECT_EQ(shown.session().applied_step(), 1u);
}

TEST_F(RecurServiceTest, SaysWhichStepAGapMissed) {
  Open("sum", "s");
  v1::ObserveResponse out;
  const WireError error = ErrorOf(Observe(ObserveOf("s", 3, {1}), &out));
  EXPECT_EQ(error.metadata.at("expected_step"), "1");
}

TEST_F(RecurServiceTest, RefusesBadWholeSequences) {
  constexpr auto kInvalid = grpc::StatusCode::INVALID_ARGUMENT;
  v1::ForecastResponse forecast;
  v1::ForecastRequest request;
  EXPECT_THAT(Forecast(request, &forecast),
              IsError(kInvalid, "wrong_input", "neither a context nor"));
  request.mutable_context()->add_values(1);
  EXPECT_THAT(Forecast(request, &forecast),
              IsError(kInvalid, "missing_model", "model is empty"));
  request.set_model("rain");
  EXPECT_THAT(Forecast(request, &forecast),
              IsError(grpc::StatusCode::NOT_FOUND, "model_unknown", "rain"));
  request.set_model("pair");
  EXPECT_THAT(Forecast(request, &forecast),
              IsError(kInvalid, "wrong_width", "model \"pair\" expects 2"));
  request.mutable_context()->clear_values();
  EXPECT_THAT(Forecast(request, &forecast),
              IsError(kInvalid, "empty_sequence", "at least one step"));
  request.set_model("sum");
  for (int i = 0; i < 100'001; ++i) request.mutable_context()->add_values(1);
  EXPECT_THAT(Forecast(request, &forecast),
              IsError(kInvalid, "sequence_too_long", "the limit is 100000"));

  v1::ClassifyResponse labels;
  v1::ClassifyRequest classify;
  classify.set_model("label");
  EXPECT_THAT(Classify(classify, &labels),
              IsError(kInvalid, "wrong_input", "no text and no sequence"));
  for (int values : {2, 3}) {
    v1::Sequence* sequence = classify.add_sequences();
    for (int i = 0; i < values; ++i) sequence->add_values(1);
  }
  EXPECT_THAT(Classify(classify, &labels),
              IsError(kInvalid, "wrong_width", "input 1: "));
}

TEST_F(RecurServiceTest, CopiesSessions) {
  Open("sum", "a");
  v1::ObserveResponse observed;
  ASSERT_TRUE(Observe(ObserveOf("a", 1, {3}), &observed).ok());
  v1::ForkSessionRequest fork;
  fork.set_session_id("a");
  fork.set_new_session_id("b");
  v1::ForkSessionResponse forked;
  ASSERT_TRUE(
      Call(recur_.get(), &v1::Recur::Stub::ForkSession, fork, &forked).ok());
  EXPECT_EQ(forked.session().session_id(), "b");
  EXPECT_EQ(forked.session().applied_step(), 1u);
  v1::ExportSessionRequest carry;
  carry.set_session_id("a");
  v1::ExportSessionResponse carried;
  ASSERT_TRUE(
      Call(recur_.get(), &v1::Recur::Stub::ExportSession, carry, &carried)
          .ok());
  EXPECT_EQ(carried.applied_step(), 1u);
  v1::ImportSessionRequest bring;
  bring.set_session_id("c");
  bring.set_snapshot(carried.snapshot());
  v1::ImportSessionResponse brought;
  ASSERT_TRUE(
      Call(recur_.get(), &v1::Recur::Stub::ImportSession, bring, &brought)
          .ok());
  EXPECT_EQ(brought.session().applied_step(), 1u);
  bring.set_snapshot("nonsense");
  EXPECT_THAT(
      Call(recur_.get(), &v1::Recur::Stub::ImportSession, bring, &brought),
      IsError(grpc::StatusCode::DATA_LOSS, "bad_snapshot", ""));
}

TEST_F(RecurServiceTest, CountsRequestsByMethodModelAndCode) {
  Open("sum", "s");
  v1::ObserveResponse out;
  ASSERT_TRUE(Observe(ObserveOf("s", 1, {1}), &out).ok());
  Observe(ObserveOf("s", 9, {1}), &out);
  Observe(ObserveOf("x", 1, {1}), &out);
  std::map<std::string, uint64_t> counts;
  for (const RequestReading& reading : service_->request_stats().Read()) {
    uint64_t& count =
        counts[absl::StrCat(reading.key.method, " ", reading.key.model, " ",
                            static_cast<int>(reading.key.code))];
    for (uint64_t bucket : reading.seconds.counts) count += bucket;
  }
  EXPECT_EQ(counts["OpenSession sum 0"], 1u);
  EXPECT_EQ(counts["Observe sum 0"], 1u);
  EXPECT_EQ(counts["Observe sum 9"], 1u);
  EXPECT_EQ(counts["Observe unknown 5"], 1u);
}

}  // namespace
}  // namespace recur
