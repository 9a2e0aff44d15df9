// Finds sessions that have been idle too long, without touching those that
// have not. Pure: `now` is an argument.
//
// Use does not move a session in the queue. Its entry comes up at the
// deadline it had when it was queued; the owner then says the present deadline,
// and the entry is queued again if that is later. So the cost is O(log n) per
// session and time to live, not per step.
#ifndef RECUR_SERVER_SESSION_EXPIRY_QUEUE_H_
#define RECUR_SERVER_SESSION_EXPIRY_QUEUE_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

namespace recur {

using TimePoint = std::chrono::steady_clock::time_point;

class ExpiryQueue {
 public:
  void Add(std::string id, TimePoint deadline);

  // Calls deadline_of(id) -> std::optional<TimePoint> for each entry that has
  // come up: nullopt if the session is gone. Returns the ids that are due.
  template <typename DeadlineOf>
  std::vector<std::string> Due(TimePoint now, DeadlineOf deadline_of) {
    std::vector<std::string> due;
    while (!queue_.empty() && queue_.top().first <= now) {
      std::string id = queue_.top().second;
      queue_.pop();
      const std::optional<TimePoint> deadline = deadline_of(id);
      if (!deadline.has_value()) continue;
      if (*deadline <= now) {
        due.push_back(std::move(id));
      } else {
        queue_.emplace(*deadline, std::move(id));
      }
    }
    return due;
  }

  // When Due can next return something.
  std::optional<TimePoint> NextDeadline() const {
    if (queue_.empty()) return std::nullopt;
    return queue_.top().first;
  }

  // Entries, among them those of sessions that are gone.
  size_t size() const { return queue_.size(); }

 private:
  using Entry = std::pair<TimePoint, std::string>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue_;
};

}  // namespace recur

#endif  // RECUR_SERVER_SESSION_EXPIRY_QUEUE_H_
