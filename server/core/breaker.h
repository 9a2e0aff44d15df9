// Whether to try a store that has failed. Closed, everything is tried; after a
// few failures in a row it opens, and nothing is until a pause is over; then,
// half open, the next result decides: success closes it, failure opens it for
// twice as long, up to a limit. Pure.
#ifndef RECUR_SERVER_CORE_BREAKER_H_
#define RECUR_SERVER_CORE_BREAKER_H_

#include <algorithm>
#include <chrono>

#include "server/session/session.h"

namespace recur {

class Breaker {
 public:
  struct Options {
    int failures = 3;  // in a row that open it
    std::chrono::milliseconds first_pause{100};
    std::chrono::milliseconds longest_pause{5000};
  };
  enum class State { kClosed, kHalfOpen, kOpen };

  explicit Breaker(const Options& options) : options_(options) {}

  State StateAt(TimePoint now) const {
    if (failures_ < options_.failures) return State::kClosed;
    return now < retry_at_ ? State::kOpen : State::kHalfOpen;
  }
  bool Allows(TimePoint now) const { return StateAt(now) != State::kOpen; }

  // When it last let, or next lets, something through while it is not closed.
  TimePoint retry_at() const { return retry_at_; }

  void Succeeded() { failures_ = 0; }

  // `jitter` in [0, 1) spreads the retries of many servers over half a pause.
  void Failed(TimePoint now, double jitter) {
    // What was under way when it opened says nothing new.
    if (StateAt(now) == State::kOpen) return;
    ++failures_;
    if (failures_ < options_.failures) return;
    const int doublings = std::min(failures_ - options_.failures, 20);
    const auto pause = std::min<std::chrono::microseconds>(
        options_.first_pause * (int64_t{1} << doublings),
        options_.longest_pause);
    retry_at_ = now + std::chrono::duration_cast<std::chrono::microseconds>(
                          pause * (1.0 + jitter / 2));
  }

 private:
  const Options options_;
  int failures_ = 0;  // in a row
  TimePoint retry_at_;
};

}  // namespace recur

#endif  // RECUR_SERVER_CORE_BREAKER_H_
