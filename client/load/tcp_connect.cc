#include "client/load/tcp_connect.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace recur::load {
namespace {

void SetTimeout(int socket, std::chrono::milliseconds timeout) {
  const timeval value{.tv_sec = timeout.count() / 1000,
                      .tv_usec = timeout.count() % 1000 * 1000};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof(value));
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &value, sizeof(value));
}

}  // namespace

std::optional<HostPort> SplitHostPort(absl::string_view text,
                                      absl::string_view default_port) {
  absl::string_view port = default_port;
  const size_t colon = text.rfind(':');
  if (colon != text.npos && !absl::EndsWith(text, "]")) {
    port = text.substr(colon + 1);
    text = text.substr(0, colon);
  }
  if (absl::ConsumePrefix(&text, "[")) absl::ConsumeSuffix(&text, "]");
  if (text.empty() || port.empty()) return std::nullopt;
  return HostPort{std::string(text), std::string(port)};
}

absl::StatusOr<int> TcpConnect(const HostPort& place,
                               std::chrono::milliseconds timeout) {
  const addrinfo hints{.ai_socktype = SOCK_STREAM};
  addrinfo* list = nullptr;
  const int found =
      getaddrinfo(place.host.c_str(), place.port.c_str(), &hints, &list);
  if (found != 0) return absl::UnavailableError(gai_strerror(found));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(list,
                                                                 freeaddrinfo);
  std::string why;
  for (const addrinfo* it = list; it != nullptr; it = it->ai_next) {
    const int socket = ::socket(it->ai_family, it->ai_socktype | SOCK_CLOEXEC,
                                it->ai_protocol);
    if (socket >= 0) {
      SetTimeout(socket, timeout);
      if (connect(socket, it->ai_addr, it->ai_addrlen) == 0) return socket;
    }
    why = std::strerror(errno);
    if (socket >= 0) close(socket);
  }
  return absl::UnavailableError(why);
}

}  // namespace recur::load
