// Reads a server's metrics beside the load, on a thread of its own, so that
// waiting for them delays no send.
#ifndef RECUR_CLIENT_LOAD_METRICS_READER_H_
#define RECUR_CLIENT_LOAD_METRICS_READER_H_

#include <future>
#include <string>

#include "absl/status/statusor.h"
#include "client/load/server_metrics.h"

namespace recur::load {

class MetricsReader {
 public:
  // Nothing is read from an empty URL.
  explicit MetricsReader(std::string url) : url_(std::move(url)) {}

  // Begins a reading; returns at once.
  void Start();
  // Waits for that reading, a few seconds at most; the error says why there is
  // none.
  absl::StatusOr<ServerMetrics> Take();

  absl::StatusOr<ServerMetrics> Read() {
    Start();
    return Take();
  }

 private:
  const std::string url_;
  std::future<absl::StatusOr<std::string>> reading_;
};

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_METRICS_READER_H_
