// Remembers how the newest sessions ended, so that a client is told "expired"
// or "closed" and not merely "unknown". Bounded; a plain object.
#ifndef RECUR_SERVER_SESSION_ENDED_SESSIONS_H_
#define RECUR_SERVER_SESSION_ENDED_SESSIONS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/session/snapshot.h"

namespace recur {

enum class EndReason { kClosed, kExpired, kLost };

// Of a session that has ended.
EndReason ReasonOfEnd(SnapshotKind kind);

struct EndedSession {
  EndReason reason = EndReason::kClosed;
  uint64_t applied_step = 0;
  // Of the request id that opened it; 0: it had none.
  uint64_t request_digest = 0;
};

class EndedSessions {
 public:
  explicit EndedSessions(size_t limit) : limit_(limit) {}

  // The oldest one is forgotten beyond the limit.
  void Add(const std::string& id, EndedSession ended);

  // A session of this id is live again.
  void Forget(const std::string& id);

  const EndedSession* Find(const std::string& id) const;

  size_t size() const { return ended_.size(); }

 private:
  struct Entry {
    EndedSession ended;
    uint64_t serial;
  };

  size_t limit_;
  uint64_t serial_ = 0;
  std::unordered_map<std::string, Entry> ended_;
  std::deque<std::pair<uint64_t, std::string>> order_;
};

// UNAVAILABLE session_moved: attach again, which finds out where it goes on.
absl::Status SessionMoved(absl::string_view id);

// NOT_FOUND with the reason session_closed, session_expired or session_lost,
// or session_unknown for null.
absl::Status SessionNotFound(absl::string_view id, const EndedSession* ended);

}  // namespace recur

#endif  // RECUR_SERVER_SESSION_ENDED_SESSIONS_H_
