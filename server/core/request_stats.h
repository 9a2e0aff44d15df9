// Requests by method, model and code: counts and latencies. Thread-safe.
#ifndef RECUR_SERVER_CORE_REQUEST_STATS_H_
#define RECUR_SERVER_CORE_REQUEST_STATS_H_

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/lane/histogram.h"

namespace recur {

struct RequestKey {
  std::string method;  // "Classify", ...; "Stream" counts items
  std::string model;   // "unknown" for all that the server does not know
  absl::StatusCode code = absl::StatusCode::kOk;

  friend auto operator<=>(const RequestKey&, const RequestKey&) = default;
};

struct RequestReading {
  RequestKey key;
  HistogramReading seconds;  // the number of requests is that of its counts
};

class RequestStats {
 public:
  // The series of a key; the pointer stays good, so that a hot path may keep
  // it. Observing it takes no lock.
  Histogram* Series(const RequestKey& key);

  std::vector<RequestReading> Read() const;

 private:
  mutable std::mutex mutex_;
  std::map<RequestKey, std::unique_ptr<Histogram>> series_;
};

}  // namespace recur

#endif  // RECUR_SERVER_CORE_REQUEST_STATS_H_
