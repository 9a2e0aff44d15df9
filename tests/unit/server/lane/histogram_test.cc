#include "server/lane/histogram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

namespace recur {
namespace {

using ::testing::ElementsAre;

TEST(HistogramTest, CountsAValueUnderTheFirstBoundThatIsNotBelowIt) {
  Histogram histogram({1.0, 2.0, 4.0});
  for (const double value : {0.0, 1.0, 1.5, 2.0, 4.0, 4.5, 100.0}) {
    histogram.Observe(value);
  }
  const HistogramReading reading = histogram.Read();
  EXPECT_THAT(reading.bounds, ElementsAre(1.0, 2.0, 4.0));
  EXPECT_THAT(reading.counts, ElementsAre(2, 2, 1, 2));
  EXPECT_DOUBLE_EQ(reading.sum, 113.0);
}

TEST(HistogramTest, LosesNothingWhenThreadsObserveAtOnce) {
  Histogram histogram({0.5});
  Counter counter;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 1000; ++n) {
        histogram.Observe(n % 2);
        counter.Add(2);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(histogram.Read().counts, ElementsAre(2000, 2000));
  EXPECT_DOUBLE_EQ(histogram.Read().sum, 2000.0);
  EXPECT_EQ(counter.value(), 8000);
  counter.Set(-1);
  EXPECT_EQ(counter.value(), -1);
}

TEST(HistogramTest, HasAscendingBoundsForLatenciesAndRows) {
  for (const auto bounds : {LatencyBoundsSeconds(), BatchBoundsRows()}) {
    EXPECT_TRUE(std::is_sorted(bounds.begin(), bounds.end()));
    EXPECT_EQ(std::adjacent_find(bounds.begin(), bounds.end()), bounds.end());
  }
  EXPECT_EQ(LatencyBoundsSeconds().front(), 1e-6);
  EXPECT_EQ(LatencyBoundsSeconds().back(), 10.0);
  EXPECT_EQ(BatchBoundsRows().back(), 64.0);
}

}  // namespace
}  // namespace recur
