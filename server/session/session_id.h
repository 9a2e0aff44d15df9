// Session ids: given by the client, or made here with 128 random bits and the
// tag of this run of the server, so that an id of an earlier run is known to
// be lost and not merely unknown.
#ifndef RECUR_SERVER_SESSION_SESSION_ID_H_
#define RECUR_SERVER_SESSION_SESSION_ID_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace recur {

inline constexpr int kMaxSessionIdBytes = 128;

// INVALID_ARGUMENT bad_session_id unless 1 to 128 printable ASCII bytes.
absl::Status CheckSessionId(absl::string_view id);

// "r1-<boot tag, 8 hex digits>-<32 hex digits>".
std::string FormatSessionId(uint32_t boot_tag, uint64_t high, uint64_t low);

// Whether the id was made by a run with another boot tag.
bool MadeByAnotherRun(absl::string_view id, uint32_t boot_tag);

}  // namespace recur

#endif  // RECUR_SERVER_SESSION_SESSION_ID_H_
