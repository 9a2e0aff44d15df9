#include "server/core/settle.h"

#include <xxhash.h>

namespace recur {

uint64_t SnapshotDigest(absl::string_view snapshot) {
  return XXH3_64bits(snapshot.data(), snapshot.size());
}

CommitVerdict Settle(const WrittenRow& written,
                     const std::optional<StoredSession>& row) {
  if (!row.has_value() || row->epoch < written.epoch) {
    return CommitVerdict::kNotStored;
  }
  if (row->epoch > written.epoch || row->step > written.step) {
    return CommitVerdict::kMoved;
  }
  const bool same = row->step == written.step &&
                    SnapshotDigest(row->snapshot) == written.digest;
  return same ? CommitVerdict::kStored : CommitVerdict::kNotStored;
}

}  // namespace recur
