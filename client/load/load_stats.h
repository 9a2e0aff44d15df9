// What a run counts. Speed is what was answered within the measured time;
// latency is that of every item that was due within it, however late its
// answer came. One thread at a time.
#ifndef RECUR_CLIENT_LOAD_LOAD_STATS_H_
#define RECUR_CLIENT_LOAD_LOAD_STATS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/load/latency_histogram.h"
#include "client/load/load_clock.h"

namespace recur::load {

class LoadStats {
 public:
  struct Error {
    uint64_t count = 0;
    std::string message;  // of the first one
  };
  // By code, and reason or, without one, the code's name in lower case.
  using Errors = std::map<std::pair<absl::StatusCode, std::string>, Error>;

  // The measured time; before the call nothing is in it.
  void Measure(TimePoint from, TimePoint to) {
    from_ = from;
    to_ = to;
  }

  // `items` of one message were applied, `steps` in all.
  void OnApplied(TimePoint intended, TimePoint now, uint64_t items,
                 uint64_t steps) {
    steps_seen_ += steps;
    if (Within(now)) steps_ += steps;
    if (Within(intended)) latency_.Record(now - intended, items);
  }
  // An item is durable.
  void OnDurable(TimePoint intended, TimePoint now) {
    if (Within(intended)) durable_lag_.Record(now - intended);
  }
  // All items of a message are answered.
  void OnMessageDone(TimePoint now) {
    if (Within(now)) ++messages_;
  }
  void OnBulkDone(TimePoint now, uint64_t steps) {
    if (Within(now)) bulk_steps_ += steps;
  }
  // A message that was due at `intended` was not sent: too many were open.
  void OnNotSent(TimePoint intended) {
    if (Within(intended)) ++not_sent_;
  }
  // `count` items or calls of `intended` failed so.
  void OnError(TimePoint intended, const absl::Status& status,
               uint64_t count = 1);
  // An answer that must not be, measured or not.
  void OnWrong(absl::string_view what);

  // The first failure ends the run.
  void Fail(absl::Status status) {
    if (failure_.ok()) failure_ = std::move(status);
  }
  const absl::Status& failure() const { return failure_; }

  uint64_t steps_seen() const { return steps_seen_; }  // measured or not
  uint64_t steps() const { return steps_; }
  uint64_t messages() const { return messages_; }
  uint64_t bulk_steps() const { return bulk_steps_; }
  uint64_t not_sent() const { return not_sent_; }
  uint64_t wrong_answers() const { return wrong_answers_; }
  const std::string& first_wrong() const { return first_wrong_; }
  const Errors& errors() const { return errors_; }
  const LatencyHistogram& latency() const { return latency_; }
  // From when an item was due until the client was told that it is durable.
  const LatencyHistogram& durable_lag() const { return durable_lag_; }

 private:
  bool Within(TimePoint time) const { return time >= from_ && time < to_; }

  TimePoint from_ = TimePoint::max();
  TimePoint to_ = TimePoint::max();
  uint64_t steps_seen_ = 0;
  uint64_t steps_ = 0;
  uint64_t messages_ = 0;
  uint64_t bulk_steps_ = 0;
  uint64_t not_sent_ = 0;
  uint64_t wrong_answers_ = 0;
  std::string first_wrong_;
  Errors errors_;
  LatencyHistogram latency_;
  LatencyHistogram durable_lag_;
  absl::Status failure_;
};

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_LOAD_STATS_H_
