#include "client/load/latency_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

namespace recur::load {
namespace {

using std::chrono::nanoseconds;

// The least of the samples that `share` of them do not exceed.
double ExactPercentile(const std::vector<double>& sorted, double share) {
  const double rank = std::ceil(share * static_cast<double>(sorted.size()));
  return sorted[std::max(0, static_cast<int>(rank) - 1)];
}

TEST(LatencyHistogramTest, AgreesWithSortedSamplesToOnePartIn128) {
  std::mt19937 random(7);
  // From 1 ns to 100 s, all magnitudes alike.
  std::uniform_real_distribution<double> exponent(0.0, 11.0);
  LatencyHistogram histogram;
  std::vector<double> samples;
  for (int i = 0; i < 50'000; ++i) {
    const auto ns = static_cast<int64_t>(std::pow(10.0, exponent(random)));
    samples.push_back(static_cast<double>(ns));
    histogram.Record(nanoseconds(ns));
  }
  std::sort(samples.begin(), samples.end());
  for (double share : {0.0, 0.001, 0.1, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const double exact = ExactPercentile(samples, share);
    const auto told = static_cast<double>(histogram.Percentile(share).count());
    EXPECT_GE(told, exact) << share;
    EXPECT_LE(told, exact * (1 + 1.0 / 128)) << share;
  }
  EXPECT_EQ(histogram.count(), samples.size());
  EXPECT_EQ(static_cast<double>(histogram.max().count()), samples.back());
  const double mean = std::accumulate(samples.begin(), samples.end(), 0.0) /
                      static_cast<double>(samples.size());
  EXPECT_NEAR(histogram.MeanNanoseconds(), mean, 1e-6 * mean);
}

TEST(LatencyHistogramTest, EveryDurationIsInItsBucket) {
  for (int64_t ns = 0; ns < 5'000; ++ns) {
    LatencyHistogram histogram;
    histogram.Record(nanoseconds(ns));
    histogram.Record(std::chrono::hours(1));  // so that max() hides nothing
    const int64_t told = histogram.Percentile(0.5).count();
    EXPECT_GE(told, ns);
    EXPECT_LE(told, ns + ns / 128) << ns;
  }
}

TEST(LatencyHistogramTest, ADurationCountsAsOftenAsItIsSaid) {
  LatencyHistogram histogram;
  histogram.Record(nanoseconds(10), 98);
  histogram.Record(nanoseconds(200), 2);
  EXPECT_EQ(histogram.count(), 100u);
  EXPECT_EQ(histogram.Percentile(0.98), nanoseconds(10));
  EXPECT_EQ(histogram.Percentile(0.981), nanoseconds(200));
  EXPECT_DOUBLE_EQ(histogram.MeanNanoseconds(), (98 * 10 + 2 * 200) / 100.0);
}

TEST(LatencyHistogramTest, NothingRecordedIsZeroAndExtremesAreKept) {
  LatencyHistogram histogram;
  EXPECT_EQ(histogram.Percentile(0.99), nanoseconds(0));
  EXPECT_EQ(histogram.MeanNanoseconds(), 0);
  histogram.Record(nanoseconds(-5));
  EXPECT_EQ(histogram.Percentile(1), nanoseconds(0));
  histogram.Record(std::chrono::hours(100));
  EXPECT_EQ(histogram.max(), std::chrono::hours(100));
}

}  // namespace
}  // namespace recur::load
