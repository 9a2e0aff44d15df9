#include "server/rpc/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "server/rpc/rpc_status.h"
#include "tests/unit/server/rpc/quantile_model.h"
#include "tests/unit/server/rpc/wire_error.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr auto kInvalid = grpc::StatusCode::INVALID_ARGUMENT;
constexpr int64_t kHour = 3'600'000'000;

v1::Sequence SequenceOf(const std::vector<double>& values) {
  v1::Sequence sequence;
  for (double value : values) {
    sequence.add_values(static_cast<float>(value));
  }
  return sequence;
}

absl::StatusOr<std::shared_ptr<ItemBatch>> Observe(
    const v1::ObserveRequest& request, const Servable& model,
    int max_steps = 100) {
  auto inputs = DecodeObserveInputs(request);
  if (!inputs.ok()) return inputs.status();
  return DecodeObserve(request, *std::move(inputs), model, max_steps);
}

TEST(DecodeTest, ReadsValuesOfEitherWidth) {
  EXPECT_THAT(DecodeSequence(SequenceOf({1, 2}))->values, ElementsAre(1, 2));
  v1::Sequence wide;
  wide.add_values_f64(0.1);
  EXPECT_THAT(DecodeSequence(wide)->values, ElementsAre(0.1));
}

TEST(DecodeTest, RefusesValuesOfBothWidths) {
  v1::Sequence sequence = SequenceOf({1, 2});
  sequence.add_values_f64(1);
  EXPECT_THAT(ToRpcStatus(DecodeSequence(sequence).status()),
              IsError(kInvalid, "values_twice", "2 values and 1 values_f64"));
}

TEST(DecodeTest, RefusesTimesAndAStart) {
  v1::Sequence sequence = SequenceOf({1});
  sequence.add_time_us(1);
  sequence.set_start_us(1);
  EXPECT_THAT(ToRpcStatus(DecodeSequence(sequence).status()),
              IsError(kInvalid, "times_twice", "1 times and start_us"));
}

TEST(DecodeTest, NamesTheInputThatIsWrong) {
  v1::ClassifyRequest request;
  *request.add_sequences() = SequenceOf({1});
  *request.add_sequences() = SequenceOf({1});
  request.mutable_sequences(1)->add_values_f64(1);
  EXPECT_THAT(ToRpcStatus(DecodeClassify(request).status()),
              IsError(kInvalid, "values_twice", "input 1: "));
}

TEST(DecodeTest, ChecksAForecastsOptionsBeforeAnythingElse) {
  v1::ForecastRequest request;
  request.mutable_options()->set_horizon(31);
  EXPECT_THAT(
      ToRpcStatus(DecodeForecastContext(request, *QuantileModel()).status()),
      IsError(kInvalid, "bad_horizon", "horizon is 31"));
  EXPECT_THAT(
      ToRpcStatus(
          DecodeForecastSession(request, {}, *QuantileModel()).status()),
      IsError(kInvalid, "bad_horizon", "horizon is 31"));
}

TEST(DecodeTest, AsksForWhatIsBeyondTheHorizon) {
  v1::ForecastRequest request;
  request.mutable_context()->add_values(1);
  const auto model = QuantileModel();
  for (const int horizon : {0, 2, 3, 4, 30}) {
    const int beyond = horizon > 3 ? horizon : 0;
    request.mutable_options()->set_horizon(horizon);
    EXPECT_EQ(DecodeForecastContext(request, *model)->horizon, beyond);
    EXPECT_EQ(DecodeForecastSession(request, {}, *model)->horizon, beyond);
  }
}

TEST(DecodeTest, LetsNoObserveForecastBeyondTheHorizon) {
  v1::ObserveRequest request;
  *request.mutable_observations() = SequenceOf({1, 2, 0});
  request.set_want(v1::WANT_FORECAST);
  request.mutable_forecast()->set_horizon(4);
  EXPECT_THAT(ToRpcStatus(Observe(request, *QuantileModel()).status()),
              IsError(kInvalid, "bad_horizon", "Forecast alone"));
}

TEST(DecodeTest, BoundsPages) {
  v1::ListSessionsRequest request;
  EXPECT_EQ(DecodeList(request)->limit, 100u);
  request.set_page_size(1000);
  EXPECT_EQ(DecodeList(request)->limit, 1000u);
  request.set_page_size(1001);
  EXPECT_THAT(ToRpcStatus(DecodeList(request).status()),
              IsError(kInvalid, "bad_page_size",
                      "page_size is 1001; the limit is 1000"));
  request.set_page_size(1);
  request.set_page_token("a b");
  EXPECT_THAT(ToRpcStatus(DecodeList(request).status()),
              IsError(kInvalid, "bad_page_token", "page_token"));
}

TEST(DecodeTest, CutsAnEndlessTimeToLive) {
  v1::OpenSessionRequest request;
  request.set_idle_ttl_seconds(std::numeric_limits<uint64_t>::max());
  const OpenCall call = DecodeOpen(request);
  EXPECT_GT(call.idle_ttl, std::chrono::hours(24 * 365));
  EXPECT_FALSE(call.start_us.has_value());
}

TEST(DecodeTest, CountsAnObservesStepsByTheModelsColumns) {
  v1::ObserveRequest request;
  request.set_session_id("s");
  request.set_first_step(5);
  request.set_want(v1::WANT_CLASS);
  *request.mutable_observations() = SequenceOf({1, 2, 3, 4, 5, 6});
  const auto batch = Observe(request, *LabelModel());
  ASSERT_TRUE(batch.ok()) << batch.status();
  ASSERT_EQ((*batch)->items.size(), 1u);
  const Item& item = (*batch)->items[0];
  EXPECT_EQ(item.session_id, "s");
  EXPECT_EQ(item.first_step, 5u);
  EXPECT_EQ(item.steps, 3);
  EXPECT_EQ(item.want, Want::kClass);
  EXPECT_THAT((*batch)->values, ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(DecodeTest, LeavesAWrongWidthToTheLane) {
  v1::ObserveRequest request;
  *request.mutable_observations() = SequenceOf({1, 2, 3});
  const auto batch = Observe(request, *LabelModel());
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ((*batch)->items[0].steps, 1);
  EXPECT_FALSE((*batch)->items[0].first_step.has_value());
}

TEST(DecodeTest, SpreadsAnObservesTimesFromItsStart) {
  v1::ObserveRequest request;
  *request.mutable_observations() = SequenceOf({1, 2, 0, 1, 2, 0});
  request.mutable_observations()->set_start_us(10 * kHour);
  const auto batch = Observe(request, *QuantileModel());
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_THAT((*batch)->times_us, ElementsAre(10 * kHour, 11 * kHour));
}

TEST(DecodeTest, SurvivesAStartAtTheEndOfTime) {
  v1::ObserveRequest request;
  *request.mutable_observations() = SequenceOf({1, 2, 0, 1, 2, 0});
  request.mutable_observations()->set_start_us(
      std::numeric_limits<int64_t>::max());
  const auto batch = Observe(request, *QuantileModel());
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ((*batch)->times_us.size(), 2u);
}

TEST(DecodeTest, RefusesMoreStepsThanAnItemMayHaveBeforeItSpreadsTheirTimes) {
  v1::ObserveRequest request;
  *request.mutable_observations() = SequenceOf({1, 2, 0, 1, 2, 0, 1, 2, 0});
  request.mutable_observations()->set_start_us(10 * kHour);
  EXPECT_TRUE(Observe(request, *QuantileModel(), 3).ok());
  EXPECT_THAT(ToRpcStatus(Observe(request, *QuantileModel(), 2).status()),
              IsError(kInvalid, "item_too_long",
                      "the item has 3 steps; the limit is 2"));
}

TEST(DecodeTest, RefusesObservesThatDoNotAddUp) {
  v1::ObserveRequest request;
  EXPECT_THAT(ToRpcStatus(Observe(request, *LabelModel()).status()),
              IsError(kInvalid, "empty_sequence", "empty"));
  *request.mutable_observations() = SequenceOf({1, 2, 3, 4});
  request.mutable_observations()->add_time_us(1);
  EXPECT_THAT(ToRpcStatus(Observe(request, *LabelModel()).status()),
              IsError(kInvalid, "bad_columns", "1 times for 2 steps"));
  request.set_want(static_cast<v1::Want>(7));
  EXPECT_THAT(ToRpcStatus(Observe(request, *LabelModel()).status()),
              IsError(kInvalid, "bad_want", "want is 7"));
}

TEST(DecodeTest, ChecksForecastOptionsOnlyWhereAForecastIsWanted) {
  v1::ObserveRequest request;
  *request.mutable_observations() = SequenceOf({1, 2, 0});
  request.mutable_forecast()->add_quantile_levels(0.3);
  EXPECT_TRUE(Observe(request, *QuantileModel()).ok());
  request.set_want(v1::WANT_FORECAST);
  EXPECT_THAT(ToRpcStatus(Observe(request, *QuantileModel()).status()),
              IsError(kInvalid, "unknown_quantile", "0.3"));
}

TEST(DecodeTest, PutsDeadlinesOnTheSteadyClock) {
  using std::chrono::seconds;
  using std::chrono::system_clock;
  const system_clock::time_point now(seconds(1000));
  const TimePoint steady(seconds(5));
  EXPECT_EQ(DeadlineOf(now + seconds(3), now, steady), TimePoint(seconds(8)));
  EXPECT_EQ(DeadlineOf(now - seconds(3), now, steady), TimePoint(seconds(2)));
  EXPECT_EQ(DeadlineOf(system_clock::time_point::max(), now, steady),
            std::nullopt);
}

}  // namespace
}  // namespace recur
