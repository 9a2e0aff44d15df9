// The sessions of one lane: found by id, listed in order of id, ended by
// close, expiry or fault. A plain object; `now` is an argument.
#ifndef RECUR_SERVER_LANE_SESSION_TABLE_H_
#define RECUR_SERVER_LANE_SESSION_TABLE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/servable/servable.h"
#include "server/lane/session_record.h"
#include "server/session/ended_sessions.h"
#include "server/session/expiry_queue.h"

namespace recur {

struct OpenRequest {
  std::string id;
  std::string request_id;
  std::shared_ptr<const Servable> model;
  std::chrono::seconds idle_ttl{0};
  std::optional<int64_t> start_us;
};

class SessionTable {
 public:
  // Limits of this table, that is, of one lane.
  struct Options {
    size_t max_sessions = 1'000'000;
    size_t max_bytes = size_t{4} << 30;
    size_t remembered_ended = 100'000;
    uint32_t boot_tag = 0;
    int answer_window_steps = 4;
  };

  explicit SessionTable(const Options& options);

  // ALREADY_EXISTS session_exists if the id is live with another request_id
  // (or none); with the same one it is the session itself, and NOT_FOUND with
  // the reason once that has ended: a late retry must not bring back an empty
  // session. RESOURCE_EXHAUSTED too_many_sessions or session_memory_full.
  absl::StatusOr<SessionPtr> Open(const OpenRequest& request, TimePoint now);

  // NOT_FOUND with a reason.
  absl::StatusOr<SessionPtr> Find(absl::string_view id) const;

  // Ends it and returns its record; null if it was closed before (closing is
  // idempotent). NOT_FOUND otherwise.
  absl::StatusOr<SessionPtr> Close(absl::string_view id);

  // Ends a session after a fault.
  void Lose(absl::string_view id);

  // Ends those that are idle beyond their time to live; returns how many.
  int Expire(TimePoint now);
  std::optional<TimePoint> NextExpiry() const { return expiry_.NextDeadline(); }

  // Up to `limit` sessions by id, after `after`, of one model or (empty) all.
  // Costs the sessions it passes: those of other models count, so a page of a
  // rare model may look at all there are.
  std::vector<SessionPtr> List(absl::string_view after, absl::string_view model,
                               size_t limit) const;

  // Keeps bytes() exact after a session's window has grown.
  void UpdateBytes(size_t before, size_t after) { bytes_ += after - before; }

  size_t size() const { return sessions_.size(); }
  size_t bytes() const { return bytes_; }

 private:
  static absl::string_view IdOf(absl::string_view id) { return id; }
  static absl::string_view IdOf(const SessionPtr& record) {
    return record->session.id;
  }
  static absl::string_view IdOf(const SessionRecord* record) {
    return record->session.id;
  }
  struct HashId {
    using is_transparent = void;
    size_t operator()(const auto& key) const { return absl::HashOf(IdOf(key)); }
  };
  struct SameId {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const {
      return IdOf(a) == IdOf(b);
    }
  };
  struct IdOrder {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const {
      return IdOf(a) < IdOf(b);
    }
  };

  absl::Status CheckRoom(size_t session_bytes) const;
  absl::Status NotFound(absl::string_view id) const;
  void End(SessionPtr record, EndReason reason);

  Options options_;
  size_t bytes_ = 0;
  absl::flat_hash_set<SessionPtr, HashId, SameId> sessions_;
  absl::btree_set<SessionRecord*, IdOrder> by_id_;  // the same, for List
  EndedSessions ended_;
  ExpiryQueue expiry_;
};

// What callers are told about a session.
struct SessionInfo {
  std::string id;
  std::shared_ptr<const Servable> model;  // the version it is pinned to
  uint64_t applied_step = 0;
  uint64_t durable_step = 0;
  std::chrono::duration<double> idle_ttl{0};
  std::chrono::duration<double> expires_in{0};
  size_t state_bytes = 0;
  bool warming_up = false;
  // The session itself, so that its items need not be looked up by id.
  SessionPtr record;
};

SessionInfo InfoOf(const SessionPtr& record, TimePoint now);

}  // namespace recur

#endif  // RECUR_SERVER_LANE_SESSION_TABLE_H_
