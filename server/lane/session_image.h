// A session's record as the bytes of a snapshot, and back.
#ifndef RECUR_SERVER_LANE_SESSION_IMAGE_H_
#define RECUR_SERVER_LANE_SESSION_IMAGE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "server/lane/session_record.h"
#include "server/session/snapshot.h"

namespace recur {

// How long a store keeps what has ended, and a session beyond its time to live.
inline constexpr int64_t kKeepEndedUs = int64_t{24} * 3600 * 1'000'000;

// Appends the session as it stands, of the kind that the record says; one that
// has ended goes without its state. `last_used_us` is its last use on the wall
// clock. Costs a copy of the state.
void AppendSession(const SessionRecord& record, int64_t last_used_us,
                   std::string* out);

// Makes a fresh record what the snapshot says: all but ids, time to live and
// last use. DATA_LOSS bad_snapshot if the state is not of the record's model's
// size, or its counts and times are none that a session can have: whatever is
// in a snapshot, what it makes is safe to step.
absl::Status RestoreSession(const Snapshot& snapshot, SessionRecord* record);

// Until when a store is to keep it.
int64_t KeepUntilUs(const SessionRecord& record, int64_t last_used_us,
                    int64_t now_us);

}  // namespace recur

#endif  // RECUR_SERVER_LANE_SESSION_IMAGE_H_
