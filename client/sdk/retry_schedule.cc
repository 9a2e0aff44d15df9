#include "client/sdk/retry_schedule.h"

#include <algorithm>
#include <string>

#include "absl/strings/numbers.h"
#include "model/spec/error_reason.h"

namespace recur::client {
namespace {

std::optional<std::chrono::milliseconds> RetryDelay(
    const absl::Status& status) {
  for (const auto& [key, value] : DetailsOf(status)) {
    int64_t ms = 0;
    if (key == "retry_delay_ms" && absl::SimpleAtoi(value, &ms)) {
      return std::chrono::milliseconds(ms);
    }
  }
  return std::nullopt;
}

}  // namespace

bool IsRetryable(const absl::Status& status) {
  if (status.ok()) return false;
  if (RetryDelay(status).has_value()) return true;
  if (status.code() != absl::StatusCode::kUnavailable) return false;
  const std::optional<std::string> reason = ReasonOf(status);
  return !reason.has_value() || *reason == "draining";
}

RetrySchedule::RetrySchedule(const RetryOptions& options,
                             TimePoint first_attempt)
    : options_(options),
      last_start_(first_attempt + options.budget),
      base_(options.initial) {}

std::optional<RetrySchedule::Duration> RetrySchedule::NextPause(
    const absl::Status& status, TimePoint now, double chance) {
  ++attempts_;
  if (options_.budget.count() <= 0 || !IsRetryable(status)) {
    return std::nullopt;
  }
  Duration pause = std::chrono::duration_cast<Duration>(
      base_ * (0.5 + 0.5 * std::clamp(chance, 0.0, 1.0)));
  if (const auto delay = RetryDelay(status); delay.has_value()) {
    pause = std::max<Duration>(pause, *delay);
  }
  if (now + pause > last_start_) return std::nullopt;
  base_ = std::min<Duration>(base_ * 2, options_.max);
  return pause;
}

}  // namespace recur::client
