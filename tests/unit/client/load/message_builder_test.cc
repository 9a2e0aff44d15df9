#include "client/load/message_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace recur::load {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

StreamSessions Sessions(uint32_t first, uint32_t count) {
  return StreamSessions(first, count, SessionCursor::Order::kInOrder, 1);
}

TEST(MessageBuilderTest, FillsColumnsWithTheNextSteps) {
  MessageBuilder builder({.items = 2, .features = 3});
  StreamSessions sessions = Sessions(0, 3);
  v1::StreamRequest request;
  ASSERT_TRUE(builder.Build(TimePoint(), &sessions, &request));
  EXPECT_THAT(request.items().handle(), ElementsAre(0, 1));
  EXPECT_THAT(request.items().first_step(), ElementsAre(1, 1));
  EXPECT_THAT(request.items().steps(), IsEmpty());
  EXPECT_THAT(request.items().want(), IsEmpty());
  EXPECT_EQ(request.items().values_size(), 6);
  ASSERT_TRUE(builder.Build(TimePoint(), &sessions, &request));
  EXPECT_THAT(request.items().handle(), ElementsAre(2, 0));
  EXPECT_THAT(request.items().first_step(), ElementsAre(1, 2));
  EXPECT_EQ(sessions.sent.open(), 2u);
  EXPECT_EQ(sessions.sent.Answer(3).item.last_step, 2u);
}

TEST(MessageBuilderTest, SaysStepsAndWantWhereTheyAreNotTheDefault) {
  MessageBuilder builder({.items = 2,
                          .steps_per_item = 4,
                          .features = 1,
                          .want = client::Want::kForecast});
  StreamSessions sessions = Sessions(0, 2);
  v1::StreamRequest request;
  ASSERT_TRUE(builder.Build(TimePoint(), &sessions, &request));
  ASSERT_TRUE(builder.Build(TimePoint(), &sessions, &request));
  EXPECT_THAT(request.items().first_step(), ElementsAre(5, 5));
  EXPECT_THAT(request.items().steps(), ElementsAre(4, 4));
  EXPECT_THAT(request.items().want(), ElementsAre(v1::WANT_FORECAST));
  EXPECT_EQ(request.items().values_size(), 8);
}

TEST(MessageBuilderTest, LeavesOutSessionsThatRest) {
  MessageBuilder builder({.items = 3, .features = 1});
  StreamSessions sessions = Sessions(0, 3);
  v1::StreamRequest request;
  ASSERT_TRUE(builder.Build(TimePoint(), &sessions, &request));
  ASSERT_TRUE(builder.Build(TimePoint(), &sessions, &request));
  sessions.steps.Refused(1, 1);
  ASSERT_TRUE(builder.Build(TimePoint(), &sessions, &request));
  EXPECT_THAT(request.items().handle(), ElementsAre(0, 2));
  EXPECT_EQ(request.items().values_size(), 2);
  sessions.steps.Refused(0, 1);
  sessions.steps.Refused(2, 1);
  EXPECT_FALSE(builder.Build(TimePoint(), &sessions, &request));
  EXPECT_EQ(sessions.sent.open(), 3u);
}

TEST(MessageBuilderTest, CheckedValuesAreThoseOfSessionAndStep) {
  const CheckedValues checked(2, 4);
  MessageBuilder builder(
      {.items = 1, .steps_per_item = 2, .features = 2, .checked = &checked});
  StreamSessions sessions = Sessions(100, 1);
  v1::StreamRequest request;
  ASSERT_TRUE(builder.Build(TimePoint(), &sessions, &request));
  ASSERT_TRUE(builder.Build(TimePoint(), &sessions, &request));
  float step[2];
  checked.Write(100, 3, step);
  EXPECT_EQ(request.items().values(0), step[0]);
  EXPECT_EQ(request.items().values(1), step[1]);
  checked.Write(100, 4, step);
  EXPECT_EQ(request.items().values(2), step[0]);
  EXPECT_EQ(request.items().values(3), step[1]);
}

TEST(MessageBuilderTest, OtherValuesAreFiniteAndVary) {
  MessageBuilder builder({.items = 1, .features = 4});
  StreamSessions sessions = Sessions(0, 1);
  v1::StreamRequest request;
  ASSERT_TRUE(builder.Build(TimePoint(), &sessions, &request));
  const float first = request.items().values(0);
  EXPECT_THAT(
      request.items().values(),
      Each(::testing::AllOf(::testing::Ge(-1.0f), ::testing::Le(1.0f))));
  ASSERT_TRUE(builder.Build(TimePoint(), &sessions, &request));
  EXPECT_NE(request.items().values(0), first);
}

}  // namespace
}  // namespace recur::load
