#include "client/replay/retry_schedule.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/replay/verdict.h"

namespace recur::client {

absl::Status CheckRetryOptions(const RetryOptions& options) {
  if (options.initial.count() <= 0 || options.max < options.initial) {
    return absl::InvalidArgumentError(
        absl::StrCat("retry pauses are ", options.initial.count(), " to ",
                     options.max.count(),
                     " ms; they must be more than 0 and must not shrink"));
  }
  if (options.burst < 1 || options.refill.count() <= 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("retry burst is ", options.burst, " and refill ",
                     options.refill.count(), " ms; they must be more than 0"));
  }
  return absl::OkStatus();
}

RetrySchedule::RetrySchedule(const RetryOptions& options,
                             TimePoint first_attempt)
    : options_(options),
      last_start_(first_attempt + options.budget),
      base_(options.initial),
      full_at_(first_attempt) {}

// How long until the bucket holds an attempt.
RetrySchedule::Duration RetrySchedule::BucketPause(TimePoint now) {
  full_at_ = std::max(full_at_, now);
  const Duration short_by = full_at_ - now;
  const Duration allowed = options_.refill * (options_.burst - 1);
  return std::max(Duration::zero(), short_by - allowed);
}

std::optional<RetrySchedule::Duration> RetrySchedule::NextPause(
    const absl::Status& status, TimePoint now, double chance) {
  ++attempts_;
  if (options_.budget.count() <= 0) return std::nullopt;
  if (succeeded_) {
    last_start_ = now + options_.budget;
    succeeded_ = false;
  }
  Duration pause = std::chrono::duration_cast<Duration>(
      base_ * (0.5 + 0.5 * std::clamp(chance, 0.0, 1.0)));
  if (const auto delay = RetryDelay(status); delay.has_value()) {
    pause = std::max<Duration>(pause, *delay);
  }
  pause = std::max(pause, BucketPause(now));
  if (now + pause > last_start_) return std::nullopt;
  base_ = std::min<Duration>(base_ * 2, options_.max);
  full_at_ += options_.refill;
  return pause;
}

void RetrySchedule::Succeed() {
  succeeded_ = true;
  attempts_ = 0;
  base_ = options_.initial;
}

}  // namespace recur::client
