// When to commit: at most once in an interval, or at once when somebody waits.
// Pure.
#ifndef RECUR_SERVER_CORE_COMMIT_CADENCE_H_
#define RECUR_SERVER_CORE_COMMIT_CADENCE_H_

#include <chrono>
#include <optional>

#include "server/session/session.h"

namespace recur {

class CommitCadence {
 public:
  explicit CommitCadence(std::chrono::milliseconds interval)
      : interval_(interval) {}

  // There is something to commit.
  void Want(bool urgent) {
    wanted_ = true;
    urgent_ |= urgent;
  }

  // When the next commit is due; nullopt as long as there is nothing.
  std::optional<TimePoint> Due() const {
    if (!wanted_) return std::nullopt;
    return urgent_ || !last_.has_value() ? TimePoint() : *last_ + interval_;
  }

  // All that was wanted so far is being committed.
  void Begin(TimePoint now) {
    wanted_ = urgent_ = false;
    last_ = now;
  }

 private:
  const std::chrono::milliseconds interval_;
  bool wanted_ = false;
  bool urgent_ = false;
  std::optional<TimePoint> last_;
};

}  // namespace recur

#endif  // RECUR_SERVER_CORE_COMMIT_CADENCE_H_
