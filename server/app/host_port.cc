#include "server/app/host_port.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "model/spec/error_reason.h"

namespace recur {

absl::StatusOr<HostPort> ParseHostPort(absl::string_view flag,
                                       absl::string_view value) {
  const size_t colon = value.rfind(':');
  HostPort parsed;
  if (colon != absl::string_view::npos && colon > 0 &&
      absl::SimpleAtoi(value.substr(colon + 1), &parsed.port) &&
      parsed.port >= 0 && parsed.port <= 65535) {
    absl::string_view host = value.substr(0, colon);
    if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
    parsed.host = std::string(host);
    return parsed;
  }
  return ErrorWithReason(
      absl::StatusCode::kInvalidArgument, "bad_option",
      absl::StrFormat("%s is \"%s\"; it must be HOST:PORT with a port of 0 to "
                      "65535",
                      flag, value));
}

}  // namespace recur
