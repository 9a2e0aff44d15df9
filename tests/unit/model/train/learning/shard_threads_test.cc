#include "model/train/learning/shard_threads.h"

#include <latch>
#include <set>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace recur {
namespace {

TEST(ShardThreadsTest, DoesEachShardOnce) {
  for (int threads : {1, 2, 5}) {
    ShardThreads pool(threads);
    for (int round = 0; round < 200; ++round) {
      std::vector<int> done(round % 7);
      pool.Run(static_cast<int>(done.size()), [&](int i) { ++done[i]; });
      EXPECT_EQ(done, std::vector<int>(done.size(), 1));
    }
  }
}

TEST(ShardThreadsTest, WorksOnAsManyShardsAtOnceAsThereAreThreads) {
  ShardThreads pool(3);
  std::latch together(3);  // none of the three goes on without the others
  std::vector<std::thread::id> ids(3);
  pool.Run(3, [&](int i) {
    together.arrive_and_wait();
    ids[i] = std::this_thread::get_id();
  });
  EXPECT_EQ(std::set(ids.begin(), ids.end()).size(), 3u);
}

TEST(ShardThreadsTest, OneThreadIsTheCallers) {
  ShardThreads pool(1);
  std::thread::id id;
  pool.Run(1, [&](int) { id = std::this_thread::get_id(); });
  EXPECT_EQ(id, std::this_thread::get_id());
}

TEST(ShardThreadsTest, ThereIsACore) { EXPECT_GE(AvailableCores(), 1); }

}  // namespace
}  // namespace recur
