// Plain TCP connections. Blocks; thread safe.
#ifndef RECUR_CLIENT_LOAD_TCP_CONNECT_H_
#define RECUR_CLIENT_LOAD_TCP_CONNECT_H_

#include <chrono>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace recur::load {

struct HostPort {
  std::string host;
  std::string port;
};

// "host:port", "[IPv6 address]:port"; a port that is left out is
// `default_port`. nullopt if there is no host, or no port.
std::optional<HostPort> SplitHostPort(absl::string_view text,
                                      absl::string_view default_port = "");

// A connected socket, which the caller closes. Sends and receives on it give up
// after `timeout`, as connecting does. UNAVAILABLE with the system's words for
// it.
absl::StatusOr<int> TcpConnect(const HostPort& place,
                               std::chrono::milliseconds timeout);

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_TCP_CONNECT_H_
