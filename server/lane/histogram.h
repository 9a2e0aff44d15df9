// Plain counters that any thread adds to and any reads: relaxed atomics, no
// locks. Nothing is lost; what is read while threads add may show a part of
// what they do. A histogram has fixed upper bounds.
#ifndef RECUR_SERVER_LANE_HISTOGRAM_H_
#define RECUR_SERVER_LANE_HISTOGRAM_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace recur {

class Counter {
 public:
  void Add(int64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  // For what one thread at a time writes: a gauge, or a count that is not worth
  // an atomic addition.
  void Set(int64_t n) { value_.store(n, std::memory_order_relaxed); }
  void AddAlone(int64_t n = 1) { Set(value() + n); }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_{0};
};

struct HistogramReading {
  std::vector<double> bounds;    // upper bounds, ascending
  std::vector<uint64_t> counts;  // one per bound and one above, not cumulative
  double sum = 0;
};

class Histogram {
 public:
  // Upper bounds, ascending.
  explicit Histogram(absl::Span<const double> bounds)
      : bounds_(bounds.begin(), bounds.end()), counts_(bounds.size() + 1) {}

  // `times` times the same value.
  void Observe(double value, uint64_t times = 1) {
    const size_t bucket =
        std::lower_bound(bounds_.begin(), bounds_.end(), value) -
        bounds_.begin();
    counts_[bucket].fetch_add(times, std::memory_order_relaxed);
    sum_.fetch_add(value * static_cast<double>(times),
                   std::memory_order_relaxed);
  }

  HistogramReading Read() const {
    HistogramReading reading{.bounds = bounds_};
    for (const auto& count : counts_) {
      reading.counts.push_back(count.load(std::memory_order_relaxed));
    }
    reading.sum = sum_.load(std::memory_order_relaxed);
    return reading;
  }

 private:
  std::vector<double> bounds_;
  std::vector<std::atomic<uint64_t>> counts_;
  std::atomic<double> sum_{0};
};

// 1 us to 10 s, three per decade.
absl::Span<const double> LatencyBoundsSeconds();
// 1 to 64 rows.
absl::Span<const double> BatchBoundsRows();

}  // namespace recur

#endif  // RECUR_SERVER_LANE_HISTOGRAM_H_
