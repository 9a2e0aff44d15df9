#include "client/load/metrics_reader.h"

#include "client/load/http_get.h"

namespace recur::load {
namespace {

constexpr std::chrono::milliseconds kTimeout(3'000);

}  // namespace

void MetricsReader::Start() {
  if (url_.empty()) return;
  reading_ = std::async(std::launch::async, HttpGet, url_, kTimeout);
}

absl::StatusOr<ServerMetrics> MetricsReader::Take() {
  if (!reading_.valid()) {
    return absl::UnavailableError("not known without --metrics URL");
  }
  const auto text = reading_.get();
  if (!text.ok()) return text.status();
  return ParseMetrics(*text);
}

}  // namespace recur::load
