// What a lane hands to whoever keeps its sessions in a store, and what it gets
// back. A lane does no I/O: it hands over, and is told the result later by a
// call of Lane's on its own thread (Committed, Loaded, Created).
#ifndef RECUR_SERVER_LANE_COMMIT_SINK_H_
#define RECUR_SERVER_LANE_COMMIT_SINK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/servable/servable.h"
#include "server/lane/session_record.h"
#include "server/session/snapshot.h"

namespace recur {

// One session as it is to be stored.
struct SessionCommit {
  SessionPtr session;  // its id is all that others may read of it
  SnapshotKind kind = SnapshotKind::kLive;
  uint64_t epoch = 0;
  // Of a live session its applied step. Ending is one step more, so that no
  // commit from before, however late, can undo it.
  uint64_t step = 0;
  int64_t keep_until_us = 0;
  TimePoint dirty_since;  // the oldest change in it that was not stored
  TimePoint cut_at;
  size_t begin = 0;  // of its snapshot
  size_t bytes = 0;
};

// What a lane has to commit at one moment: at most one of each session.
struct CommitBatch {
  std::vector<SessionCommit> sessions;
  std::string snapshots;  // of all of them

  absl::string_view SnapshotOf(const SessionCommit& of) const {
    return absl::string_view(snapshots).substr(of.begin, of.bytes);
  }
};

enum class CommitVerdict {
  kStored,     // durable
  kNotStored,  // for certain; to be tried again
  kMoved,      // another one owns it
  kDamaged,    // what is there cannot be read, and is left as it is
};

struct CommitResult {
  SessionPtr session;
  SnapshotKind kind = SnapshotKind::kLive;
  uint64_t step = 0;
  CommitVerdict verdict = CommitVerdict::kNotStored;
  TimePoint cut_at;  // the commit's
};

// A session that is to begin: no one of its id may be live in the store.
struct SessionCreate {
  std::string id;
  std::string request_id;
  uint64_t step = 0;
  int64_t keep_until_us = 0;
  std::string snapshot;
};

// A session as it was found in the store; a live one claimed for this server.
struct LoadedSession {
  uint64_t epoch = 0;
  TimePoint asked_at;  // for it: from then on it is this server's
  Snapshot snapshot;
  std::shared_ptr<const Servable> model;  // of a live one
  // The snapshot's numerics, if those of the model's engine differ.
  std::string numerics_changed_from;
};

struct CreatedSession {
  uint64_t epoch = 0;  // of the new one, or
  // the live one that an earlier attempt of the same request made.
  std::optional<LoadedSession> existing;
};

class CommitSink {
 public:
  virtual ~CommitSink() = default;

  // Lane::Cut is to be called: within the commit interval, or, when something
  // waits for it, at once. Once until then, and once more if it turns urgent.
  virtual void WantCommit(bool urgent) = 0;

  // From Lane::Cut. Every session gets one result, by Lane::Committed.
  virtual void Commit(CommitBatch batch) = 0;

  // Claims a session, if it is live and can go on here. The result comes by
  // Lane::Loaded.
  virtual void Load(std::string id) = 0;

  // Begins a session. The result comes by Lane::Created.
  virtual void Create(SessionCreate create) = 0;

  // The wall clock at `now`, in microseconds since the epoch: stored times must
  // mean something to another process.
  virtual int64_t WallTimeUs(TimePoint now) const = 0;
};

}  // namespace recur

#endif  // RECUR_SERVER_LANE_COMMIT_SINK_H_
