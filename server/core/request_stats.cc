#include "server/core/request_stats.h"

namespace recur {

Histogram* RequestStats::Series(const RequestKey& key) {
  const std::lock_guard lock(mutex_);
  auto& series = series_[key];
  if (series == nullptr) {
    series = std::make_unique<Histogram>(LatencyBoundsSeconds());
  }
  return series.get();
}

std::vector<RequestReading> RequestStats::Read() const {
  const std::lock_guard lock(mutex_);
  std::vector<RequestReading> readings;
  for (const auto& [key, series] : series_) {
    readings.push_back({key, series->Read()});
  }
  return readings;
}

}  // namespace recur
