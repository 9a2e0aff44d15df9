// When to try a failed call again. Pure: time and chance are arguments.
//
// Tried again are UNAVAILABLE from the transport (no reason), UNAVAILABLE
// `draining`, and whatever the server gives a retry delay for. The pause
// doubles from `initial` to `max`; the actual one is drawn from its upper half,
// so that many clients do not return at once, and is never shorter than
// the server's delay. No attempt starts later than `budget` after the first.
#ifndef RECUR_CLIENT_SDK_RETRY_SCHEDULE_H_
#define RECUR_CLIENT_SDK_RETRY_SCHEDULE_H_

#include <chrono>
#include <optional>

#include "absl/status/status.h"

namespace recur::client {

struct RetryOptions {
  std::chrono::milliseconds initial{50};
  std::chrono::milliseconds max{2'000};
  std::chrono::milliseconds budget{10'000};  // 0: never try again
};

// Whether the status is one that a later attempt may not meet.
bool IsRetryable(const absl::Status& status);

// One call's attempts; not thread safe.
class RetrySchedule {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  RetrySchedule(const RetryOptions& options, TimePoint first_attempt);

  // The pause before the next attempt, or nullopt to give up. `chance` is
  // uniform in [0, 1).
  std::optional<Duration> NextPause(const absl::Status& status, TimePoint now,
                                    double chance);

  int attempts() const { return attempts_; }  // failed so far

 private:
  RetryOptions options_;
  TimePoint last_start_;
  Duration base_;
  int attempts_ = 0;
};

}  // namespace recur::client

#endif  // RECUR_CLIENT_SDK_RETRY_SCHEDULE_H_
