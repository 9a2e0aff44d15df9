// What a failure means for what has been sent. Pure; thread safe.
//
// A status with a reason (model/spec/error_reason.h) comes from the server and
// is judged by it. One without comes from the transport: a server that dies
// behind nginx or HAProxy may look like any code, so any is worth a resume.
#ifndef RECUR_CLIENT_REPLAY_VERDICT_H_
#define RECUR_CLIENT_REPLAY_VERDICT_H_

#include <chrono>
#include <optional>

#include "absl/status/status.h"

namespace recur::client {

enum class Verdict {
  kRefused,      // the error is the answer
  kTryLater,     // the same again after a pause: full, not ready; moved, for a
                 // server takes over a session that is attached there
  kElsewhere,    // the same again on another connection: draining
  kSessionOver,  // unknown, expired, closed, lost, behind, its model missing
};

// Of an error that the server gave for an item or an attach.
Verdict JudgeAnswer(const absl::Status& status);

// Of the end of a stream: kElsewhere from the transport, also if it is OK.
Verdict JudgeEnd(const absl::Status& status);

// Whether a unary call may do better if it is sent again. Of the transport's
// errors those that a dying server or proxy shows: UNAVAILABLE, INTERNAL,
// CANCELLED, UNKNOWN and ABORTED; the others would be met again.
bool IsRetryable(const absl::Status& status);

// How long the server asks to wait (google.rpc.RetryInfo).
std::optional<std::chrono::milliseconds> RetryDelay(const absl::Status& status);

}  // namespace recur::client

#endif  // RECUR_CLIENT_REPLAY_VERDICT_H_
