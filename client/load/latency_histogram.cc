#include "client/load/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace recur::load {
namespace {

constexpr int kBits = 7;  // of precision within a power of two
constexpr uint64_t kPerOctave = uint64_t{1} << kBits;
constexpr int kMaxBits = 43;
constexpr uint64_t kMaxNs = (uint64_t{1} << kMaxBits) - 1;
constexpr size_t kBuckets = (kMaxBits - kBits + 1) * kPerOctave;

}  // namespace

LatencyHistogram::LatencyHistogram() : buckets_(kBuckets) {}

// The leading kBits + 1 bits of the duration, after those of all octaves below.
size_t LatencyHistogram::BucketOf(uint64_t ns) {
  if (ns < 2 * kPerOctave) return ns;
  const int shift = std::bit_width(ns) - (kBits + 1);
  return shift * kPerOctave + (ns >> shift);
}

uint64_t LatencyHistogram::EndOf(size_t bucket) {
  if (bucket < 2 * kPerOctave) return bucket;
  const size_t shift = bucket / kPerOctave - 1;
  return ((bucket % kPerOctave + kPerOctave + 1) << shift) - 1;
}

void LatencyHistogram::Record(std::chrono::nanoseconds duration,
                              uint64_t count) {
  const uint64_t ns = std::max<int64_t>(duration.count(), 0);
  buckets_[BucketOf(std::min(ns, kMaxNs))] += count;
  count_ += count;
  sum_ns_ += static_cast<double>(ns) * static_cast<double>(count);
  max_ = std::max(max_, duration);
}

double LatencyHistogram::MeanNanoseconds() const {
  return count_ == 0 ? 0 : sum_ns_ / static_cast<double>(count_);
}

std::chrono::nanoseconds LatencyHistogram::Percentile(double share) const {
  const double wanted = std::ceil(share * static_cast<double>(count_));
  uint64_t seen = 0;
  for (size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen > 0 && static_cast<double>(seen) >= wanted) {
      return std::min<std::chrono::nanoseconds>(
          std::chrono::nanoseconds(EndOf(bucket)), max_);
    }
  }
  return max_;
}

}  // namespace recur::load
