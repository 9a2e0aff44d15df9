// "host:port" of a flag.
#ifndef RECUR_SERVER_APP_HOST_PORT_H_
#define RECUR_SERVER_APP_HOST_PORT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace recur {

struct HostPort {
  std::string host;  // without the brackets of an IPv6 address
  int port = 0;      // 0 to 65535
};

// INVALID_ARGUMENT bad_option, naming the flag and its value.
absl::StatusOr<HostPort> ParseHostPort(absl::string_view flag,
                                       absl::string_view value);

}  // namespace recur

#endif  // RECUR_SERVER_APP_HOST_PORT_H_
