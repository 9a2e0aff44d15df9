#include "client/sdk/stream_outbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace recur::client {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

StreamItem OneStep(uint32_t handle, uint64_t step,
                   absl::Span<const double> values, Want want = Want::kAck) {
  return {.handle = handle, .first_step = step, .values = values, .want = want};
}

TEST(StreamOutboxTest, PacksItemsIntoColumnsOfOneMessage) {
  StreamOutbox outbox({.top_k = 3, .wait_durable = true});
  const std::vector<double> a = {1.5, 2.5};
  const std::vector<double> b = {3, 4, 5, 6};
  outbox.Add(OneStep(7, 41, a));
  outbox.Add(StreamItem{.handle = 8,
                        .first_step = 1,
                        .steps = 2,
                        .values = b,
                        .want = Want::kForecast});
  const auto message = outbox.Take();
  ASSERT_TRUE(message.has_value());
  EXPECT_TRUE(outbox.empty());
  const v1::Items& items = message->items();
  EXPECT_THAT(items.handle(), ElementsAre(7, 8));
  EXPECT_THAT(items.first_step(), ElementsAre(41, 1));
  EXPECT_THAT(items.steps(), ElementsAre(1, 2));
  EXPECT_THAT(items.want(), ElementsAre(v1::WANT_ACK, v1::WANT_FORECAST));
  EXPECT_THAT(items.values_f64(), ElementsAre(1.5, 2.5, 3, 4, 5, 6));
  EXPECT_THAT(items.values(), IsEmpty());
  EXPECT_THAT(items.time_us(), IsEmpty());
  EXPECT_EQ(message->top_k(), 3u);
  EXPECT_TRUE(message->wait_durable());
}

TEST(StreamOutboxTest, LeavesOutColumnsThatSayTheSame) {
  StreamOutbox outbox({});
  const std::vector<double> value = {1};
  outbox.Add(OneStep(1, 1, value));
  outbox.Add(OneStep(2, 1, value));
  const auto acks = outbox.Take();
  EXPECT_THAT(acks->items().steps(), IsEmpty());
  EXPECT_THAT(acks->items().want(), IsEmpty());
  outbox.Add(OneStep(1, 2, value, Want::kClass));
  outbox.Add(OneStep(2, 2, value, Want::kClass));
  EXPECT_THAT(outbox.Take()->items().want(), ElementsAre(v1::WANT_CLASS));
}

TEST(StreamOutboxTest, SendsNoMoreItemsInAMessageThanAServerTakes) {
  StreamOutbox outbox({});
  const std::vector<double> value = {1};
  for (uint64_t step = 1; step <= 65'537; ++step) {
    outbox.Add(OneStep(1, step, value));
  }
  EXPECT_EQ(outbox.messages(), 2u);
  EXPECT_EQ(outbox.Take()->items().handle_size(), 65'536);
}

TEST(StreamOutboxTest, SendsFloatsWhenAsked) {
  StreamOutbox outbox({.float32 = true});
  const std::vector<double> value = {0.25};
  outbox.Add(OneStep(1, 1, value));
  const auto message = outbox.Take();
  EXPECT_THAT(message->items().values(), ElementsAre(0.25f));
  EXPECT_THAT(message->items().values_f64(), IsEmpty());
}

TEST(StreamOutboxTest, KeepsItemsWithAndWithoutTimesApart) {
  StreamOutbox outbox({});
  const std::vector<double> value = {1};
  const std::vector<int64_t> time = {1'000'000};
  StreamItem timed = OneStep(1, 1, value);
  timed.times_us = time;
  outbox.Add(timed);
  outbox.Add(OneStep(2, 1, value));
  outbox.Add(timed);
  EXPECT_THAT(outbox.Take()->items().time_us(), ElementsAre(1'000'000));
  EXPECT_THAT(outbox.Take()->items().time_us(), IsEmpty());
  EXPECT_THAT(outbox.Take()->items().time_us(), ElementsAre(1'000'000));
  EXPECT_FALSE(outbox.Take().has_value());
}

TEST(StreamOutboxTest, KeepsDifferentKnownInputsApart) {
  StreamOutbox outbox({.forecast = {.horizon = 2}});
  const std::vector<double> value = {1};
  const std::vector<double> holiday = {1, 0};
  const std::vector<double> workday = {0, 0};
  StreamItem item = OneStep(1, 1, value, Want::kForecast);
  item.known = holiday;
  outbox.Add(item);
  outbox.Add(item);
  item.known = workday;
  outbox.Add(item);
  outbox.Add(OneStep(1, 4, value, Want::kForecast));
  const auto first = outbox.Take();
  EXPECT_THAT(first->forecast().known(), ElementsAre(1, 0));
  EXPECT_EQ(first->forecast().horizon(), 2u);
  EXPECT_EQ(first->items().handle_size(), 2);
  EXPECT_THAT(outbox.Take()->forecast().known(), ElementsAre(0, 0));
  EXPECT_THAT(outbox.Take()->forecast().known(), IsEmpty());
}

TEST(StreamOutboxTest, AMessageHoldsSoManyValues) {
  StreamOutbox outbox({.max_message_values = 3});
  const std::vector<double> two = {1, 2};
  const std::vector<double> one = {3};
  outbox.Add(OneStep(1, 1, two));
  outbox.Add(OneStep(2, 1, one));
  outbox.Add(OneStep(2, 2, one));
  EXPECT_EQ(outbox.Take()->items().values_f64_size(), 3);
  EXPECT_EQ(outbox.Take()->items().values_f64_size(), 1);
}

TEST(StreamOutboxTest, AnItemLargerThanAMessageStillGoes) {
  StreamOutbox outbox({.max_message_values = 1});
  const std::vector<double> two = {1, 2};
  outbox.Add(OneStep(1, 1, two));
  EXPECT_EQ(outbox.Take()->items().values_f64_size(), 2);
}

TEST(StreamOutboxTest, CountsAnItemsBytesAsTheyAreSent) {
  const std::vector<double> ten(10);
  const std::vector<int64_t> times(1);
  const StreamItem item{.values = ten};
  StreamItem timed = item;
  timed.times_us = times;
  StreamItem known = item;
  known.known = ten;
  EXPECT_TRUE(StreamOutbox({.max_item_bytes = 80}).CheckSize(item).ok());
  EXPECT_FALSE(StreamOutbox({.max_item_bytes = 79}).CheckSize(item).ok());
  EXPECT_FALSE(StreamOutbox({.max_item_bytes = 80}).CheckSize(timed).ok());
  EXPECT_FALSE(StreamOutbox({.max_item_bytes = 80}).CheckSize(known).ok());
  EXPECT_TRUE(StreamOutbox({.float32 = true, .max_item_bytes = 40})
                  .CheckSize(item)
                  .ok());
}

TEST(StreamOutboxTest, ADetachFollowsTheItemsBeforeIt) {
  StreamOutbox outbox({});
  const std::vector<double> value = {1};
  outbox.Attach(1, "boiler-7", 12);
  outbox.Add(OneStep(1, 13, value));
  outbox.Detach(1);
  const auto first = outbox.Take();
  ASSERT_EQ(first->attach_size(), 1);
  EXPECT_EQ(first->attach(0).session_id(), "boiler-7");
  EXPECT_EQ(first->attach(0).acknowledged_step(), 12u);
  EXPECT_THAT(first->detach(), IsEmpty());
  EXPECT_EQ(first->items().handle_size(), 1);
  const auto second = outbox.Take();
  EXPECT_THAT(second->detach(), ElementsAre(1));
  EXPECT_FALSE(second->has_items());
}

}  // namespace
}  // namespace recur::client
