#include "server/store/tcp_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

namespace recur {
namespace {

absl::Status Failed(absl::string_view doing, int error) {
  return absl::UnavailableError(
      absl::StrCat(doing, ": ", std::strerror(error)));
}

// Waits until the socket can do one of `events`.
absl::Status Await(int fd, int16_t events, absl::string_view doing,
                   Deadline deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd entry = {.fd = fd, .events = events, .revents = 0};
    const int ready =
        poll(&entry, 1,
             static_cast<int>(std::clamp<int64_t>(left.count(), 0, 1 << 30)));
    if (ready > 0) return absl::OkStatus();
    if (ready == 0 && left.count() <= 0) {
      return absl::UnavailableError(absl::StrCat(doing, " took too long"));
    }
    if (ready < 0 && errno != EINTR) return Failed(doing, errno);
  }
}

absl::Status ConnectTo(int fd, const addrinfo& address, Deadline deadline) {
  if (connect(fd, address.ai_addr, address.ai_addrlen) == 0) {
    return absl::OkStatus();
  }
  if (errno != EINPROGRESS) return Failed("connecting", errno);
  absl::Status done = Await(fd, POLLOUT, "connecting", deadline);
  if (!done.ok()) return done;
  int error = 0;
  socklen_t size = sizeof(error);
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error == 0 ? absl::OkStatus() : Failed("connecting", error);
}

void Tune(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

}  // namespace

TcpSocket::TcpSocket(TcpSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)) {}

TcpSocket& TcpSocket::operator=(TcpSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

TcpSocket::~TcpSocket() {
  if (fd_ >= 0) close(fd_);
}

absl::StatusOr<TcpSocket> TcpSocket::Connect(const std::string& host, int port,
                                             Deadline deadline) {
  const addrinfo wanted = {.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV,
                           .ai_family = AF_UNSPEC,
                           .ai_socktype = SOCK_STREAM};
  addrinfo* found = nullptr;
  const int code =
      getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
  if (code != 0) {
    return absl::UnavailableError(
        absl::StrCat("looking up ", host, ": ", gai_strerror(code)));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found,
                                                                 &freeaddrinfo);
  absl::Status last = absl::UnavailableError("it has no address");
  for (const addrinfo* address = found; address != nullptr;
       address = address->ai_next) {
    TcpSocket made(socket(address->ai_family,
                          SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (made.fd_ < 0) {
      last = Failed("making a socket", errno);
      continue;
    }
    last = ConnectTo(made.fd_, *address, deadline);
    if (!last.ok()) continue;
    Tune(made.fd_);
    return made;
  }
  return last;
}

absl::Status TcpSocket::Send(absl::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(sent);
    } else if (errno == EAGAIN) {
      absl::Status ready = Await(fd_, POLLOUT, "sending", deadline);
      if (!ready.ok()) return ready;
    } else if (errno != EINTR) {
      return Failed("sending", errno);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> TcpSocket::Receive(char* bytes, size_t size,
                                          Deadline deadline) {
  for (;;) {
    const ssize_t received = recv(fd_, bytes, size, 0);
    if (received > 0) return received;
    if (received == 0) {
      return absl::UnavailableError("the connection was closed");
    }
    if (errno == EAGAIN) {
      absl::Status ready =
          Await(fd_, POLLIN, "waiting for an answer", deadline);
      if (!ready.ok()) return ready;
    } else if (errno != EINTR) {
      return Failed("receiving", errno);
    }
  }
}

bool TcpSocket::IsQuiet() const {
  pollfd entry = {.fd = fd_, .events = POLLIN, .revents = 0};
  return poll(&entry, 1, 0) == 0;
}

}  // namespace recur
