#include "client/sdk/reply_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace recur::client {
namespace {

using ::testing::HasSubstr;

v1::ItemReplies ThreeReplies() {
  v1::ItemReplies replies;
  for (uint64_t i = 0; i < 3; ++i) {
    replies.add_item(10 + i);
    replies.add_handle(i);
    replies.add_step(100 + i);
    replies.add_applied_step(200 + i);
  }
  return replies;
}

TEST(ReplyColumnsTest, GivesEachReplyItsEntryOfEveryColumn) {
  v1::ItemReplies message = ThreeReplies();
  message.add_duplicate(1);
  v1::ItemError* error = message.add_errors();
  error->set_index(2);
  error->mutable_status()->set_code(9);
  error->mutable_status()->set_message("gap");
  v1::ItemAnswer* answer = message.add_answers();
  answer->set_index(0);
  answer->mutable_forecast()->add_point(4.5);
  const auto replies = ToReplies(message);
  ASSERT_TRUE(replies.ok()) << replies.status();
  ASSERT_EQ(replies->size(), 3u);
  EXPECT_EQ((*replies)[0].item, 10u);
  EXPECT_EQ((*replies)[0].step, 100u);
  EXPECT_EQ((*replies)[0].applied_step, 200u);
  EXPECT_EQ((*replies)[0].durable_step, std::nullopt);
  EXPECT_EQ((*replies)[0].forecast->point, std::vector<double>{4.5});
  EXPECT_TRUE((*replies)[1].duplicate);
  EXPECT_FALSE((*replies)[0].duplicate);
  EXPECT_EQ((*replies)[2].status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE((*replies)[1].status.ok());
}

TEST(ReplyColumnsTest, RefusesUnevenColumns) {
  v1::ItemReplies message = ThreeReplies();
  message.add_step(1);
  const auto replies = ToReplies(message);
  EXPECT_EQ(replies.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(replies.status().message(),
              HasSubstr("uneven columns for 3 replies"));
}

TEST(ReplyColumnsTest, RefusesIndicesOutsideTheColumns) {
  v1::ItemReplies duplicate = ThreeReplies();
  duplicate.add_duplicate(3);
  EXPECT_THAT(ToReplies(duplicate).status().message(),
              HasSubstr("index 3 into 3 replies"));
  v1::ItemReplies answer = ThreeReplies();
  answer.add_answers()->set_index(4);
  EXPECT_EQ(ToReplies(answer).status().code(), absl::StatusCode::kInternal);
  v1::ItemReplies error = ThreeReplies();
  error.add_errors()->set_index(5);
  EXPECT_EQ(ToReplies(error).status().code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace recur::client
