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
#include "server/session/snapshot.h"

namespace recur {

struct OpenRequest {
  std::string id;
  std::string request_id;
  std::shared_ptr<const Servable> model;
  std::chrono::seconds idle_ttl{0};
  std::optional<int64_t> start_us;
  // What it begins with, of the same model; null: it has seen nothing.
  std::shared_ptr<const Snapshot> state;
  std::string numerics_changed_from;  // as SessionInfo has it
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
    size_t max_list_visits = 10'000;  // sessions that one List looks at
  };

  // Some sessions, by id.
  struct Page {
    std::vector<SessionPtr> sessions;
    std::string next;  // the last that was looked at; empty: there are no more
  };

  explicit SessionTable(const Options& options);

  // ALREADY_EXISTS session_exists if the id is live with another request_id
  // (or none); with the same one it is the session itself, and NOT_FOUND with
  // the reason once that has ended: a late retry must not bring back an empty
  // session. RESOURCE_EXHAUSTED too_many_sessions or session_memory_full.
  absl::StatusOr<SessionPtr> Open(const OpenRequest& request, TimePoint now);

  // The parts of Open, for sessions that are made in a store first. The live
  // session that the request is a retry of, null if there is none of its id, or
  // ALREADY_EXISTS;
  absl::StatusOr<SessionPtr> FindForOpen(const OpenRequest& request) const;
  // a record that is in no table. DATA_LOSS if the request's state does not
  // fit its model;
  absl::StatusOr<SessionPtr> Make(const OpenRequest& request,
                                  TimePoint now) const;
  // RESOURCE_EXHAUSTED as Open;
  absl::Status CheckRoom(size_t session_bytes) const;
  // and into the table, for which there must be room.
  void Admit(const SessionPtr& record);

  // NOT_FOUND with a reason.
  absl::StatusOr<SessionPtr> Find(absl::string_view id) const;

  // What Find says of an id that is not in the table.
  absl::Status NotFound(absl::string_view id) const;

  // A session that ended elsewhere, or before.
  void Remember(const std::string& id, EndedSession ended);
  // One that goes on elsewhere after all.
  void Forget(absl::string_view id);

  // Ends it and returns its record; null if it was closed before (closing is
  // idempotent). NOT_FOUND otherwise.
  absl::StatusOr<SessionPtr> Close(absl::string_view id);

  // Ends a session after a fault.
  void Lose(absl::string_view id);

  // Takes it out of memory; it goes on elsewhere, and nothing is remembered.
  void Remove(SessionRecord* record);

  // Ends those that are idle beyond their time to live; returns how many, and
  // appends them to `expired` and to `prolonged` those that would have come up
  // now and were used since.
  int Expire(TimePoint now, std::vector<SessionPtr>* expired = nullptr,
             std::vector<SessionPtr>* prolonged = nullptr);
  std::optional<TimePoint> NextExpiry() const { return expiry_.NextDeadline(); }

  // Up to `limit` sessions by id, after `after`, of one model or (empty) all.
  // Costs the sessions it passes, those of other models too. It looks at a
  // limited number, so that a page of a rare model may be short, or empty, and
  // not the last.
  Page List(absl::string_view after, absl::string_view model,
            size_t limit) const;

  // The session after `id`, in order of id and round; null if there is none.
  SessionRecord* NextAround(absl::string_view id) const;

  // Keeps bytes() exact after a session's window has grown.
  void UpdateBytes(size_t before, size_t after) { bytes_ += after - before; }

  size_t size() const { return sessions_.size(); }
  size_t bytes() const { return bytes_; }
  const Options& options() const { return options_; }

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

  void End(SessionPtr record, EndReason reason);

  Options options_;
  size_t bytes_ = 0;
  absl::flat_hash_set<SessionPtr, HashId, SameId> sessions_;
  absl::btree_set<SessionRecord*, IdOrder> by_id_;  // the same, for List
  EndedSessions ended_;
  ExpiryQueue expiry_;
};

// What EndedSession remembers of a request id.
uint64_t RequestDigest(absl::string_view request_id);

// What callers are told about a session.
struct SessionInfo {
  std::string id;
  // The version it is pinned to; null if it is listed from the store, where
  // these two name it.
  std::shared_ptr<const Servable> model;
  std::string stored_model;
  int64_t stored_version = 0;
  uint64_t applied_step = 0;
  uint64_t durable_step = 0;
  std::chrono::duration<double> idle_ttl{0};
  std::chrono::duration<double> expires_in{0};
  size_t state_bytes = 0;
  bool warming_up = false;
  // Of the engine it began with, if it goes on with another's.
  std::string numerics_changed_from;
  // The session itself, so that its items need not be looked up by id.
  SessionPtr record;
};

// SessionTable::Page, as callers are told of it.
struct SessionList {
  std::vector<SessionInfo> sessions;
  std::string next;
};

// A session as bytes that can be carried elsewhere.
struct SessionExport {
  std::string snapshot;
  uint64_t applied_step = 0;
  std::shared_ptr<const Servable> model;
  std::chrono::seconds idle_ttl{0};
};

SessionInfo InfoOf(const SessionPtr& record, TimePoint now);

}  // namespace recur

#endif  // RECUR_SERVER_LANE_SESSION_TABLE_H_
