// When the messages of an open loop are to be sent: evenly, whatever becomes
// of those before. A message that leaves late keeps its time, so that the
// wait counts as latency. Pure.
#ifndef RECUR_CLIENT_LOAD_SEND_SCHEDULE_H_
#define RECUR_CLIENT_LOAD_SEND_SCHEDULE_H_

#include <cstdint>

#include "client/load/load_clock.h"

namespace recur::load {

class SendSchedule {
 public:
  // Message n, from 0, is due n / messages_per_second (above 0) after `start`.
  SendSchedule(TimePoint start, double messages_per_second)
      : start_(start), interval_ns_(1e9 / messages_per_second), next_(start) {}

  // The number of the next message, and when it is due.
  uint64_t number() const { return number_; }
  TimePoint next() const { return next_; }

  // Counted from the start: many messages add up no rounding.
  void Advance() {
    ++number_;
    next_ = start_ + std::chrono::nanoseconds(static_cast<int64_t>(
                         static_cast<double>(number_) * interval_ns_));
  }

 private:
  const TimePoint start_;
  const double interval_ns_;
  uint64_t number_ = 0;
  TimePoint next_;
};

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_SEND_SCHEDULE_H_
