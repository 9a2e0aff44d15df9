#include "server/rpc/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "model/spec/error_reason.h"

namespace recur {
namespace {

constexpr int kEvents = 64;
// Between two looks at what else has happened.
constexpr int kAcceptedAtOnce = 64;

absl::Status CannotListen(absl::string_view address, absl::string_view why) {
  return ErrorWithReason(
      absl::StatusCode::kFailedPrecondition, "cannot_listen",
      absl::StrFormat("cannot listen on %s: %s", address, why));
}

int ListeningSocket(const addrinfo& address) {
  const int fd =
      socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int one = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  if (bind(fd, address.ai_addr, address.ai_addrlen) == 0 &&
      listen(fd, SOMAXCONN) == 0) {
    return fd;
  }
  const int error = errno;
  close(fd);
  errno = error;
  return -1;
}

int PortOf(const sockaddr_storage& address) {
  return address.ss_family == AF_INET6
             ? ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port)
             : ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

// As gRPC writes it, whose URIs escape brackets.
std::string PeerName(const sockaddr_storage& address) {
  char host[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &v4.sin_addr, host, sizeof(host));
    return absl::StrCat("ipv4:", host, ":", PortOf(address));
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    inet_ntop(AF_INET, v6.sin6_addr.s6_addr + 12, host, sizeof(host));
    return absl::StrCat("ipv4:", host, ":", PortOf(address));
  }
  inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof(host));
  return absl::StrCat("ipv6:%5B", host, "%5D:", PortOf(address));
}

void Watch(int epoll, int fd, uint32_t events) {
  epoll_event event = {.events = events, .data = {.fd = fd}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Bind(
    const std::string& address, size_t max_connections) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) {
    return CannotListen(address, "it must be host:port");
  }
  absl::string_view host = absl::string_view(address).substr(0, colon);
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  const addrinfo hints{.ai_flags = AI_PASSIVE, .ai_socktype = SOCK_STREAM};
  addrinfo* found = nullptr;
  if (const int error =
          getaddrinfo(std::string(host).c_str(),
                      address.substr(colon + 1).c_str(), &hints, &found);
      error != 0) {
    return CannotListen(address, gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found,
                                                             freeaddrinfo);
  int socket = -1;
  for (const addrinfo* one = found; one != nullptr && socket < 0;
       one = one->ai_next) {
    socket = ListeningSocket(*one);
  }
  if (socket < 0) return CannotListen(address, std::strerror(errno));
  sockaddr_storage bound = {};
  socklen_t size = sizeof(bound);
  getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size);
  return std::unique_ptr<Listener>(
      new Listener(socket, PortOf(bound), max_connections));
}

Listener::Listener(int socket, int port, size_t max_connections)
    : port_(port),
      max_connections_(max_connections),
      listening_(socket),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_CLOEXEC)) {}

Listener::~Listener() {
  Stop();
  close(epoll_);
  close(wake_);
}

void Listener::Start(OnConnection on_connection) {
  on_connection_ = std::move(on_connection);
  Watch(epoll_, listening_, EPOLLIN);
  Watch(epoll_, wake_, EPOLLIN);
  thread_ = std::thread([this] { Loop(); });
}

void Listener::Stop() {
  if (listening_ < 0) return;
  const uint64_t one = 1;
  // An eventfd takes this unless its count is near 2^64.
  static_cast<void>(!write(wake_, &one, sizeof(one)));
  if (thread_.joinable()) thread_.join();
  close(std::exchange(listening_, -1));
  const std::lock_guard lock(mutex_);
  by_peer_.clear();
  peers_.clear();
}

void Listener::Loop() {
  epoll_event events[kEvents];
  while (true) {
    const int ready = epoll_wait(epoll_, events, kEvents, -1);
    // New connections come last: they take the numbers of those that go.
    bool accept = false;
    for (int i = 0; i < ready; ++i) {
      const int fd = events[i].data.fd;
      if (fd == wake_) return;
      if (fd == listening_) {
        accept = true;
      } else {
        Forget(fd);
      }
    }
    if (accept) AcceptWaiting();
  }
}

void Listener::AcceptWaiting() {
  for (int i = 0; i < kAcceptedAtOnce; ++i) {
    sockaddr_storage address = {};
    socklen_t size = sizeof(address);
    const int socket =
        accept4(listening_, reinterpret_cast<sockaddr*>(&address), &size,
                SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket >= 0) {
      Accept(socket, PeerName(address));
    } else if (errno != ECONNABORTED && errno != EINTR) {
      // Out of descriptors, those that wait will still be there in a moment.
      if (errno != EAGAIN) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
      return;
    }
  }
}

void Listener::Accept(int socket, const std::string& peer) {
  const int one = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  const int own = fcntl(socket, F_DUPFD_CLOEXEC, 0);
  if (own < 0 || connections() >= max_connections_) {
    if (own >= 0) close(own);
    close(socket);
    return;
  }
  // Whoever had this address before has hung up, which is still to be noticed.
  if (const auto before = Find(peer); before != nullptr) {
    Forget(before->socket());
  }
  {
    const std::lock_guard lock(mutex_);
    by_peer_[peer] = std::make_shared<Connection>(own);
    peers_[own] = peer;
  }
  // Told when it hangs up, here or there: never when something is to be read.
  Watch(epoll_, own, EPOLLRDHUP);
  on_connection_(socket);
}

// The socket stays open as long as somebody has the connection, and with it
// its number; so it must leave the epoll first.
void Listener::Forget(int socket) {
  epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, nullptr);
  const std::lock_guard lock(mutex_);
  const auto peer = peers_.find(socket);
  if (peer == peers_.end()) return;
  by_peer_.erase(peer->second);
  peers_.erase(peer);
}

std::shared_ptr<Connection> Listener::Find(absl::string_view peer) const {
  const std::lock_guard lock(mutex_);
  const auto at = by_peer_.find(peer);
  return at == by_peer_.end() ? nullptr : at->second;
}

size_t Listener::connections() const {
  const std::lock_guard lock(mutex_);
  return by_peer_.size();
}

}  // namespace recur
