#include "server/session/ended_sessions.h"

#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"

namespace recur {

EndReason ReasonOfEnd(SnapshotKind kind) {
  switch (kind) {
    case SnapshotKind::kExpired:
      return EndReason::kExpired;
    case SnapshotKind::kLost:
      return EndReason::kLost;
    case SnapshotKind::kClosed:
    case SnapshotKind::kLive:
      break;
  }
  return EndReason::kClosed;
}

void EndedSessions::Add(const std::string& id, EndedSession ended) {
  ended_[id] = {ended, ++serial_};
  order_.emplace_back(serial_, id);
  // An id that was forgotten or ended anew leaves a stale place in the order:
  // its serial is no longer the one on record.
  while (!order_.empty() && order_.size() > limit_) {
    const auto found = ended_.find(order_.front().second);
    if (found != ended_.end() && found->second.serial == order_.front().first) {
      ended_.erase(found);
    }
    order_.pop_front();
  }
}

void EndedSessions::Forget(const std::string& id) { ended_.erase(id); }

const EndedSession* EndedSessions::Find(const std::string& id) const {
  const auto found = ended_.find(id);
  return found == ended_.end() ? nullptr : &found->second.ended;
}

absl::Status SessionMoved(absl::string_view id) {
  return ErrorWithReason(
      absl::StatusCode::kUnavailable, "session_moved",
      absl::StrFormat("session \"%s\" is no longer held as it was here; attach "
                      "again to learn where to resume",
                      id));
}

absl::Status SessionNotFound(absl::string_view id, const EndedSession* ended) {
  absl::string_view reason = "session_unknown";
  absl::string_view what = "is not known";
  if (ended != nullptr) {
    switch (ended->reason) {
      case EndReason::kClosed:
        reason = "session_closed";
        what = "was closed";
        break;
      case EndReason::kExpired:
        reason = "session_expired";
        what = "was idle beyond its time to live and has expired";
        break;
      case EndReason::kLost:
        reason = "session_lost";
        what = "is lost: its state did not survive";
        break;
    }
  }
  absl::Status status =
      ErrorWithReason(absl::StatusCode::kNotFound, reason,
                      absl::StrFormat("session \"%s\" %s", id, what));
  if (ended != nullptr && ended->applied_step > 0) {
    SetDetail(&status, "applied_step", std::to_string(ended->applied_step));
  }
  return status;
}

}  // namespace recur
