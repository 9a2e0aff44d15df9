// Durations counted in buckets that are linear within each power of two: every
// duration up to two hours is known to within 1 part in 128, those below 256 ns
// exactly, in 36 KiB however many there are. Pure; one thread at a time.
#ifndef RECUR_CLIENT_LOAD_LATENCY_HISTOGRAM_H_
#define RECUR_CLIENT_LOAD_LATENCY_HISTOGRAM_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace recur::load {

class LatencyHistogram {
 public:
  LatencyHistogram();

  // `count` times the same duration; negative ones count as 0. A few ns.
  void Record(std::chrono::nanoseconds duration, uint64_t count = 1);

  uint64_t count() const { return count_; }
  std::chrono::nanoseconds max() const { return max_; }
  // 0 if nothing was recorded.
  double MeanNanoseconds() const;

  // The least duration that at least `share` (0 to 1) of all do not exceed,
  // rounded up to its bucket's end but never beyond max(). 0 if nothing was
  // recorded.
  std::chrono::nanoseconds Percentile(double share) const;

 private:
  static size_t BucketOf(uint64_t ns);
  static uint64_t EndOf(size_t bucket);

  std::vector<uint64_t> buckets_;
  uint64_t count_ = 0;
  double sum_ns_ = 0;
  std::chrono::nanoseconds max_{0};
};

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_LATENCY_HISTOGRAM_H_
