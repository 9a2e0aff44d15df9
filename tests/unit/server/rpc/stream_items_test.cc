#include "server/rpc/stream_items.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/spec/error_reason.h"
#include "server/rpc/rpc_status.h"
#include "tests/unit/server/rpc/quantile_model.h"
#include "tests/unit/server/rpc/wire_error.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr auto kInvalid = grpc::StatusCode::INVALID_ARGUMENT;

class StreamItemsTest : public ::testing::Test {
 protected:
  StreamItemsTest() {
    bindings_[1] = SessionRecord::Create("sky-1", "", LabelModel(), 4);
    bindings_[2] = SessionRecord::Create("grid-2", "", QuantileModel(), 4);
  }

  void Add(uint32_t handle, int values) {
    items_->add_handle(handle);
    for (int i = 0; i < values; ++i) items_->add_values(next_value_++);
  }

  std::shared_ptr<StreamBatch> Decode() {
    auto batch = std::make_shared<StreamBatch>();
    const absl::Status status = DecodeItems(request_, bindings_, batch.get());
    EXPECT_TRUE(status.ok()) << status;
    return status.ok() ? batch : nullptr;
  }

  google::rpc::Status Error() {
    StreamBatch batch;
    return ToRpcStatus(DecodeItems(request_, bindings_, &batch));
  }

  Bindings bindings_;
  v1::StreamRequest request_;
  v1::Items* items_ = request_.mutable_items();
  float next_value_ = 1;
};

// A stream holds so many bytes: a small item may ask for a large answer.
TEST_F(StreamItemsTest, CountTheBytesOfTheirAnswers) {
  Add(2, 3);
  const size_t acknowledged = Decode()->bytes();
  items_->add_want(v1::WANT_FORECAST);
  EXPECT_EQ(Decode()->bytes(),
            acknowledged +
                sizeof(double) * OutputSize(QuantileModel()->spec.network));
}

TEST_F(StreamItemsTest, GiveEachSessionItsOwnValues) {
  Add(1, 2);
  Add(2, 3);
  items_->add_first_step(7);
  items_->add_first_step(1);
  const auto batch = Decode();
  ASSERT_EQ(batch->items.size(), 2u);
  EXPECT_EQ(batch->SessionIdOf(0), "sky-1");
  EXPECT_EQ(batch->items[0].first_step, 7u);
  EXPECT_EQ(batch->SessionIdOf(1), "grid-2");
  EXPECT_THAT(batch->ValuesOf(0), ElementsAre(1, 2));
  EXPECT_THAT(batch->ValuesOf(1), ElementsAre(3, 4, 5));
  EXPECT_THAT(batch->refused, IsEmpty());
}

TEST_F(StreamItemsTest, TakeOneWantForAll) {
  Add(1, 2);
  Add(1, 2);
  items_->add_want(v1::WANT_CLASS);
  const auto batch = Decode();
  EXPECT_EQ(batch->items[0].want, Want::kClass);
  EXPECT_EQ(batch->items[1].want, Want::kClass);
  EXPECT_FALSE(batch->items[0].first_step.has_value());
}

TEST_F(StreamItemsTest, RefuseAnUnknownHandleAlone) {
  Add(5, 2);
  Add(1, 2);
  items_->add_time_us(100);
  items_->add_time_us(200);
  const auto batch = Decode();
  ASSERT_EQ(batch->items.size(), 1u);
  EXPECT_THAT(batch->ValuesOf(0), ElementsAre(3, 4));
  EXPECT_THAT(batch->TimesOf(0), ElementsAre(200));
  ASSERT_EQ(batch->refused.size(), 1u);
  EXPECT_THAT(batch->item_index, ElementsAre(1, 0));
  EXPECT_THAT(batch->handles, ElementsAre(1, 5));
  EXPECT_THAT(ToRpcStatus(batch->refused[0].status),
              IsError(kInvalid, "unknown_handle", "handle 5 is not attached"));
}

TEST_F(StreamItemsTest, RefuseItemsWithoutStepsOrWithAnUnknownWant) {
  Add(1, 0);
  Add(1, 2);
  items_->add_steps(0);
  items_->add_steps(1);
  items_->add_want(v1::WANT_ACK);
  items_->add_want(static_cast<v1::Want>(9));
  const auto batch = Decode();
  EXPECT_THAT(batch->items, IsEmpty());
  ASSERT_EQ(batch->refused.size(), 2u);
  EXPECT_THAT(ToRpcStatus(batch->refused[0].status),
              IsError(kInvalid, "empty_sequence", "0 steps"));
  EXPECT_THAT(ToRpcStatus(batch->refused[1].status),
              IsError(kInvalid, "bad_want", "want is 9"));
}

TEST_F(StreamItemsTest, RefuseOnlyTheForecastsWhoseOptionsAreWrong) {
  Add(2, 3);
  Add(2, 3);
  items_->add_want(v1::WANT_FORECAST);
  items_->add_want(v1::WANT_ACK);
  request_.mutable_forecast()->add_quantile_levels(0.42);
  const auto batch = Decode();
  ASSERT_EQ(batch->items.size(), 1u);
  EXPECT_THAT(ToRpcStatus(batch->refused[0].status),
              IsError(kInvalid, "unknown_quantile", "0.42"));
}

TEST_F(StreamItemsTest, RefuseForecastsBeyondTheHorizon) {
  Add(2, 3);
  items_->add_want(v1::WANT_FORECAST);
  request_.mutable_forecast()->set_horizon(4);
  const auto batch = Decode();
  ASSERT_EQ(batch->refused.size(), 1u);
  EXPECT_THAT(ToRpcStatus(batch->refused[0].status),
              IsError(kInvalid, "bad_horizon", "Forecast alone"));
}

TEST_F(StreamItemsTest, AreMalformedIfColumnsDoNotAgree) {
  Add(1, 2);
  Add(1, 2);
  items_->add_first_step(1);
  EXPECT_THAT(Error(), IsError(kInvalid, "bad_columns",
                               "first_step has 1 entries for 2 items"));
  items_->clear_first_step();
  items_->add_time_us(1);
  EXPECT_THAT(Error(), IsError(kInvalid, "bad_columns", "1 times for 2 steps"));
  items_->clear_time_us();
  items_->add_values_f64(1);
  EXPECT_THAT(Error(), IsError(kInvalid, "values_twice", "4 values and 1"));
}

TEST_F(StreamItemsTest, AreBounded) {
  for (int i = 0; i <= kMaxItemsPerMessage; ++i) Add(1, 0);
  EXPECT_THAT(Error(), IsError(kInvalid, "too_many_items", "the limit is"));
}

TEST_F(StreamItemsTest, AreRefusedFromWhereTheirAnswersAreTooMuch) {
  auto far = std::make_shared<Servable>(*QuantileModel());
  far->spec.network.horizon = 1000;
  bindings_[2] = SessionRecord::Create("grid-2", "", far, 4);
  const size_t bytes = sizeof(double) * OutputSize(far->spec.network);
  const size_t fit = kMaxAnswerBytesPerMessage / bytes;
  for (size_t i = 0; i <= fit; ++i) {
    Add(2, 3);
    items_->add_want(v1::WANT_FORECAST);
  }
  Add(2, 3);
  items_->add_want(v1::WANT_ACK);
  const auto batch = Decode();
  EXPECT_EQ(batch->items.size(), fit);
  EXPECT_EQ(batch->values.size(), 3 * fit);
  ASSERT_EQ(batch->refused.size(), 2u) << "and what comes after it";
  for (const ItemResult& refused : batch->refused) {
    const auto status = ToRpcStatus(refused.status);
    EXPECT_THAT(status, IsError(grpc::StatusCode::RESOURCE_EXHAUSTED,
                                "answers_full", "in another one"));
    EXPECT_EQ(status.details_size(), 2) << "when to try again";
  }
}

TEST_F(StreamItemsTest, BecomeColumnsOfReplies) {
  Add(1, 2);
  Add(1, 2);
  Add(2, 3);
  Add(3, 1);
  request_.set_top_k(1);
  items_->add_want(v1::WANT_CLASS);
  items_->add_want(v1::WANT_ACK);
  items_->add_want(v1::WANT_FORECAST);
  items_->add_want(v1::WANT_ACK);
  const auto batch = Decode();
  batch->first_item = 1000;
  batch->results[0] = {.step = 4, .applied_step = 4};
  batch->results[0].answer = std::make_shared<const Answer>(
      Classification{.probabilities = {0.1f, 0.2f, 0.7f}});
  batch->results[1] = {.step = 4, .applied_step = 5, .duplicate = true};
  batch->results[2] = {.step = 9};
  batch->results[2].answer = std::make_shared<const Answer>(
      Forecast{.point = std::vector<double>(6, 1.5),
               .quantiles = std::vector<double>(18, 2.5)});
  v1::ItemReplies replies;
  for (uint32_t place : {3, 0, 1, 2}) AppendReply(*batch, place, &replies);
  EXPECT_THAT(replies.item(), ElementsAre(1003, 1000, 1001, 1002));
  EXPECT_THAT(replies.handle(), ElementsAre(3, 1, 1, 2));
  EXPECT_THAT(replies.step(), ElementsAre(0, 4, 4, 9));
  EXPECT_THAT(replies.applied_step(), ElementsAre(0, 4, 5, 0));
  EXPECT_THAT(replies.durable_step(), IsEmpty());
  EXPECT_THAT(replies.duplicate(), ElementsAre(2));
  ASSERT_EQ(replies.errors_size(), 1);
  EXPECT_EQ(replies.errors(0).index(), 0u);
  EXPECT_THAT(replies.errors(0).status(),
              IsError(kInvalid, "unknown_handle", "handle 3"));
  ASSERT_EQ(replies.answers_size(), 2);
  EXPECT_EQ(replies.answers(0).index(), 1u);
  ASSERT_EQ(replies.answers(0).class_answer().labels_size(), 1);
  EXPECT_EQ(replies.answers(0).class_answer().labels(0).label(), "storm");
  EXPECT_EQ(replies.answers(1).index(), 3u);
  EXPECT_EQ(replies.answers(1).forecast().point_size(), 6);
}

TEST_F(StreamItemsTest, FillsAClearedBatchAsANewOne) {
  Add(1, 2);
  Add(9, 2);
  items_->add_time_us(1);
  items_->add_time_us(2);
  StreamBatch batch;
  ASSERT_TRUE(DecodeItems(request_, bindings_, &batch).ok());
  batch.Clear();
  EXPECT_EQ(batch.places(), 0u);
  request_.Clear();
  items_ = request_.mutable_items();
  Add(1, 2);
  ASSERT_TRUE(DecodeItems(request_, bindings_, &batch).ok());
  EXPECT_EQ(batch.places(), 1u);
  EXPECT_EQ(batch.items.size(), 1u);
  EXPECT_THAT(batch.times_us, IsEmpty());
  EXPECT_EQ(batch.ValuesOf(0).size(), 2u);
}

}  // namespace
}  // namespace recur
