#include "client/replay/shard.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace recur::client {
namespace {

// The vectors of draft-eastlake-fnv, appendix "FNV-1a 64 bit".
TEST(ShardTest, TheHashIsFnv1a) {
  EXPECT_EQ(ShardHash(""), 0xcbf29ce484222325u);
  EXPECT_EQ(ShardHash("a"), 0xaf63dc4c8601ec8cu);
  EXPECT_EQ(ShardHash("foobar"), 0x85944171f73967e8u);
}

TEST(ShardTest, SpreadsIdsEvenly) {
  constexpr uint32_t kShards = 7;
  std::vector<int> counts(kShards);
  for (int i = 0; i < 70'000; ++i) {
    ++counts[ShardOf("sensor-" + std::to_string(i), kShards)];
  }
  for (int count : counts) EXPECT_NEAR(count, 10'000, 600);
}

TEST(ShardTest, OneShardTakesAll) { EXPECT_EQ(ShardOf("boiler-7", 1), 0u); }

}  // namespace
}  // namespace recur::client
