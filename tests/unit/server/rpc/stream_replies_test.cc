#include "server/rpc/stream_replies.h"

#include <gtest/gtest.h>

#include <string>

namespace recur {
namespace {

// What the stream's limit on open replies is held against: a client that
// attaches without reading the answers must count as well.
TEST(StreamRepliesTest, CountAttachesAmongWhatIsWritten) {
  StreamReplies replies(nullptr);
  for (uint32_t handle = 0; handle < 3; ++handle) {
    v1::Attached attached;
    attached.set_handle(handle);
    replies.AddAttached(std::move(attached));
  }
  replies.TakeOver();
  v1::StreamResponse response;
  EXPECT_EQ(replies.Take(&response).items, 3 * StreamReplies::kItemsPerAttach);
  EXPECT_EQ(response.attached_size(), 3);
  EXPECT_TRUE(replies.empty());
}

TEST(StreamRepliesTest, SplitManyAttachesIntoMessages) {
  StreamReplies replies(nullptr);
  v1::Attached attached;
  attached.mutable_session()->set_session_id(std::string(128, 's'));
  constexpr size_t kCount = 20'000;
  for (size_t i = 0; i < kCount; ++i) replies.AddAttached(attached);
  replies.TakeOver();
  v1::StreamResponse response;
  size_t taken = 0;
  int messages = 0;
  while (!replies.empty()) {
    taken += replies.Take(&response).items;
    EXPECT_LE(response.ByteSizeLong(), 2 * StreamReplies::kMessageBytes);
    ++messages;
  }
  EXPECT_EQ(taken, kCount * StreamReplies::kItemsPerAttach);
  EXPECT_GT(messages, 1);
}

}  // namespace
}  // namespace recur
