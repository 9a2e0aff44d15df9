#include "tests/sim/wire.h"

#include "absl/strings/ascii.h"
#include "model/spec/error_reason.h"

namespace recur::sim {

absl::Status OnWire(absl::Status status) {
  if (status.ok()) return status;
  if (!ReasonOf(status).has_value()) {
    SetReason(&status,
              absl::AsciiStrToLower(absl::StatusCodeToString(status.code())));
  }
  if (absl::IsResourceExhausted(status) ||
      ReasonOf(status) == "store_unavailable") {
    SetDetail(&status, "retry_delay_ms", "1000");
  }
  return status;
}

}  // namespace recur::sim
