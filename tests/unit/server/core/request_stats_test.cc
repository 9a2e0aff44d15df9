#include "server/core/request_stats.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <thread>
#include <vector>

namespace recur {
namespace {

uint64_t CountOf(const RequestReading& reading) {
  const auto& counts = reading.seconds.counts;
  return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
}

TEST(RequestStatsTest, KeepsASeriesPerMethodModelAndCode) {
  RequestStats stats;
  const RequestKey ok{.method = "Classify", .model = "m"};
  const RequestKey refused{.method = "Classify",
                           .model = "m",
                           .code = absl::StatusCode::kInvalidArgument};
  stats.Series(ok)->Observe(0.5);
  stats.Series(ok)->Observe(0.25);
  stats.Series(refused)->Observe(0.125);
  const auto readings = stats.Read();
  ASSERT_EQ(readings.size(), 2u);
  EXPECT_EQ(readings[0].key, ok);
  EXPECT_EQ(CountOf(readings[0]), 2u);
  EXPECT_DOUBLE_EQ(readings[0].seconds.sum, 0.75);
  EXPECT_EQ(readings[1].key, refused);
  EXPECT_EQ(CountOf(readings[1]), 1u);
}

TEST(RequestStatsTest, KeepsPointersGoodWhileThreadsAddSeries) {
  RequestStats stats;
  Histogram* kept = stats.Series({.method = "Stream", .model = "m"});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 200; ++n) {
        stats.Series({.method = "Stream", .model = std::to_string(i * n)})
            ->Observe(1);
        kept->Observe(1);
        if (n % 50 == 0) stats.Read();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(kept, stats.Series({.method = "Stream", .model = "m"}));
  uint64_t all = 0;
  for (const auto& reading : stats.Read()) all += CountOf(reading);
  EXPECT_EQ(all, 1600u);
}

}  // namespace
}  // namespace recur
