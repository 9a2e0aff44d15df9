// Listens on an address and hands over the connections that come, on a thread
// of its own; and finds a connection again by its peer's address, as long as
// it lasts.
//
//   auto listener = Listener::Bind("127.0.0.1:8001", max_connections);
//   (*listener)->Start([](int socket) { ... });   // owns the socket
//   (*listener)->Find("ipv4:127.0.0.1:40312");
//
// Thread-safe but for Start and Stop.
#ifndef RECUR_SERVER_RPC_LISTENER_H_
#define RECUR_SERVER_RPC_LISTENER_H_

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/rpc/connection.h"

namespace recur {

class Listener {
 public:
  // Takes a connected, non-blocking socket. Called on the listener's thread.
  using OnConnection = absl::AnyInvocable<void(int socket)>;

  // Listens on the first address of "host:port" that it can have, on any free
  // port for 0; connections wait until Start. Beyond max_connections new ones
  // are closed at once. FAILED_PRECONDITION cannot_listen, naming the address
  // and why.
  static absl::StatusOr<std::unique_ptr<Listener>> Bind(
      const std::string& address, size_t max_connections);

  ~Listener();  // stops
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int port() const { return port_; }

  void Start(OnConnection on_connection);

  // Closes the listening socket. Connections go on, and are no longer found.
  // Idempotent.
  void Stop();

  // By the peer's address, as gRPC names it; null if there is none.
  std::shared_ptr<Connection> Find(absl::string_view peer) const;

  size_t connections() const;

 private:
  Listener(int socket, int port, size_t max_connections);

  void Loop();
  void AcceptWaiting();
  void Accept(int socket, const std::string& peer);
  void Forget(int socket);

  const int port_;
  const size_t max_connections_;
  int listening_;  // -1 when stopped
  int epoll_;
  int wake_;  // an eventfd: stop
  OnConnection on_connection_;
  std::thread thread_;

  mutable std::mutex mutex_;
  absl::flat_hash_map<std::string, std::shared_ptr<Connection>> by_peer_;
  absl::flat_hash_map<int, std::string> peers_;  // by the connection's socket
};

}  // namespace recur

#endif  // RECUR_SERVER_RPC_LISTENER_H_
