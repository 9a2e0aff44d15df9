#include "server/session/session_id.h"

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"

namespace recur {
namespace {

constexpr absl::string_view kPrefix = "r1-";
constexpr size_t kTagDigits = 8;
constexpr size_t kMadeBytes = 3 + kTagDigits + 1 + 32;

absl::Status BadId(std::string message) {
  return ErrorWithReason(absl::StatusCode::kInvalidArgument, "bad_session_id",
                         message);
}

}  // namespace

absl::Status CheckSessionId(absl::string_view id) {
  if (id.empty()) return BadId("session_id is empty");
  if (id.size() > kMaxSessionIdBytes) {
    return BadId(absl::StrFormat("session_id has %d bytes; the limit is %d",
                                 id.size(), kMaxSessionIdBytes));
  }
  for (size_t i = 0; i < id.size(); ++i) {
    if (id[i] >= 0x21 && id[i] <= 0x7e) continue;
    return BadId(absl::StrFormat(
        "session_id has byte 0x%02x at %d; it must be printable ASCII without "
        "spaces",
        static_cast<unsigned char>(id[i]), i));
  }
  return absl::OkStatus();
}

std::string FormatSessionId(uint32_t boot_tag, uint64_t high, uint64_t low) {
  return absl::StrFormat("%s%08x-%016x%016x", kPrefix, boot_tag, high, low);
}

bool MadeByAnotherRun(absl::string_view id, uint32_t boot_tag) {
  if (id.size() != kMadeBytes || !absl::StartsWith(id, kPrefix) ||
      id[kPrefix.size() + kTagDigits] != '-') {
    return false;
  }
  return id.substr(kPrefix.size(), kTagDigits) !=
         absl::StrFormat("%08x", boot_tag);
}

}  // namespace recur
