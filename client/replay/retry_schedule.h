// When to try again. Pure: time and chance are arguments.
//
// The pause doubles from `initial` to `max`; the actual one is drawn from its
// upper half, so that many clients do not return at once, and is never shorter
// than the delay that the server asks for. Two things bound the attempts:
// - none starts later than `budget` after the first (after a success: after
//   the first failure that follows it);
// - a bucket of `burst` attempts that regains one every `refill`, which a
//   success does not fill: a server that comes and goes is met at that rate.
#ifndef RECUR_CLIENT_REPLAY_RETRY_SCHEDULE_H_
#define RECUR_CLIENT_REPLAY_RETRY_SCHEDULE_H_

#include <chrono>
#include <optional>

#include "absl/status/status.h"

namespace recur::client {

struct RetryOptions {
  std::chrono::milliseconds initial{50};
  std::chrono::milliseconds max{2'000};
  std::chrono::milliseconds budget{10'000};  // 0: never try again
  int burst = 30;
  std::chrono::milliseconds refill{1'000};
};

// INVALID_ARGUMENT naming the option that cannot work.
absl::Status CheckRetryOptions(const RetryOptions& options);

// One call's attempts, or one connection's; not thread safe.
class RetrySchedule {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  // The options must be good ones.
  RetrySchedule(const RetryOptions& options, TimePoint first_attempt);

  // An attempt failed with `status`, which is worth another (verdict.h): the
  // pause before that, or nullopt to give up. `chance` is uniform in [0, 1).
  std::optional<Duration> NextPause(const absl::Status& status, TimePoint now,
                                    double chance);

  // Something came of the last attempt: the next failure is a first one.
  void Succeed();

  int attempts() const { return attempts_; }  // failed since the last success

 private:
  Duration BucketPause(TimePoint now);

  RetryOptions options_;
  TimePoint last_start_;
  Duration base_;
  int attempts_ = 0;
  bool succeeded_ = false;
  // The bucket: it is full at `full_at_` and an attempt short per `refill`
  // before that.
  TimePoint full_at_;
};

}  // namespace recur::client

#endif  // RECUR_CLIENT_REPLAY_RETRY_SCHEDULE_H_
