// Where sessions are kept beyond the process: rows found by session id.
//
// A store loads, commits and scans, and nothing else. When to commit, what to
// do about an unknown outcome and which sessions stay in memory is decided
// above it. It does not look into a snapshot.
//
// One writer per session: each row has the epoch of its owner. Whoever takes a
// session over raises the epoch, and from then on the owner before is fenced.
// In the same epoch steps never go back.
//
// Functions block on I/O and may be called from any thread. Their errors:
// UNAVAILABLE if the store cannot be reached or does not answer in time,
// DATA_LOSS if a row is not what was written, else what the store said.
#ifndef RECUR_SERVER_STORE_SESSION_STORE_H_
#define RECUR_SERVER_STORE_SESSION_STORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace recur {

// What a committed session survives.
enum class Durability {
  kNone,    // nothing: it ends with the process
  kLocal,   // the process; it is on this machine's disk
  kShared,  // the machine; another server can take it over
};

// A session as a store holds it.
struct StoredSession {
  uint64_t epoch = 0;  // of its owner
  uint64_t step = 0;   // applied when the snapshot was taken, or 0 of the
                       // first one in the place of a session that has ended
  // Microseconds since the epoch (of time) after which the row counts as
  // absent and the store may drop it.
  int64_t keep_until_us = 0;
  std::string snapshot;  // opaque; see server/session/snapshot.h

  friend bool operator==(const StoredSession&, const StoredSession&) = default;
};

// What is to be stored. Views are borrowed for the call.
struct CommitRow {
  absl::string_view id;
  uint64_t epoch = 0;
  uint64_t step = 0;
  int64_t keep_until_us = 0;
  absl::string_view snapshot;
  // A session that begins: any row of another epoch refuses it, whether older
  // or newer. Its epoch is random, so that two that begin the same session at
  // once differ, and a second attempt of the same one is known.
  bool create = false;
};

enum class CommitOutcome {
  kCommitted,  // the row is stored, durably
  // Nothing is stored: the row has a later epoch (with create: another one).
  kFenced,
  // Nothing is stored: the row has the same epoch and a later step.
  kStale,
  // It may be stored or not; to be read back before anything is promised. Also
  // of a row whose time is over by the store's clock: that is not stored.
  kUnknown,
};

class SessionStore {
 public:
  enum class Access {
    kRead,   // changes nothing
    kClaim,  // raises the row's epoch by one and returns the row as it is then
  };

  virtual ~SessionStore() = default;

  virtual Durability durability() const = 0;

  // The row, or nullopt if there is none or its time is over. A claim is one
  // step: nothing that an owner before it commits is lost between reading and
  // raising. A claim that fails may have raised the epoch all the same; another
  // one is harmless.
  virtual absl::StatusOr<std::optional<StoredSession>> Load(
      absl::string_view id, Access access) = 0;

  // Stores whole rows, each on its own, and returns the outcome of each, in
  // order. Without a row in the way (none there, an earlier epoch, or the same
  // one and not a later step) a row is stored. No two rows have one id.
  virtual std::vector<CommitOutcome> Commit(
      absl::Span<const CommitRow> rows) = 0;

  // Up to `limit` ids after `after`, in order of their bytes. Rows whose time
  // is over may be among them.
  virtual absl::StatusOr<std::vector<std::string>> Scan(absl::string_view after,
                                                        size_t limit) = 0;
};

}  // namespace recur

#endif  // RECUR_SERVER_STORE_SESSION_STORE_H_
