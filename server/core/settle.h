// What became of a commit whose outcome is not known, once its row has been
// read back. Pure.
#ifndef RECUR_SERVER_CORE_SETTLE_H_
#define RECUR_SERVER_CORE_SETTLE_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "server/lane/commit_sink.h"
#include "server/store/session_store.h"

namespace recur {

// What was to be stored. The bytes need not be kept to know them again.
struct WrittenRow {
  uint64_t epoch = 0;
  uint64_t step = 0;
  uint64_t digest = 0;  // SnapshotDigest
};

uint64_t SnapshotDigest(absl::string_view snapshot);

// Stored only if the row is exactly what was written: one of the same epoch and
// step may be another snapshot of the session, or what it was before it ended.
// Not stored if the row is earlier or absent: it may still come, and then
// changes nothing once something later has been stored. Moved if the row is
// later, for only another owner can have written that.
CommitVerdict Settle(const WrittenRow& written,
                     const std::optional<StoredSession>& row);

}  // namespace recur

#endif  // RECUR_SERVER_CORE_SETTLE_H_
