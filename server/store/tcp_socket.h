// A TCP connection whose every wait ends.
#ifndef RECUR_SERVER_STORE_TCP_SOCKET_H_
#define RECUR_SERVER_STORE_TCP_SOCKET_H_

#include <chrono>
#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace recur {

using Deadline = std::chrono::steady_clock::time_point;

// Owns a file descriptor; movable. One thread at a time. Errors are
// UNAVAILABLE; after one the connection is of no more use.
class TcpSocket {
 public:
  // To the first of the host's addresses that answers. Looking up a name is
  // not bounded by the deadline but by the system's resolver.
  static absl::StatusOr<TcpSocket> Connect(const std::string& host, int port,
                                           Deadline deadline);

  TcpSocket(TcpSocket&& other) noexcept;
  TcpSocket& operator=(TcpSocket&& other) noexcept;
  ~TcpSocket();

  // All of the bytes.
  absl::Status Send(absl::string_view bytes, Deadline deadline);

  // At least one byte, as many as there are. An end is an error.
  absl::StatusOr<size_t> Receive(char* bytes, size_t size, Deadline deadline);

  // Nothing has come that was not received, the end neither.
  bool IsQuiet() const;

 private:
  explicit TcpSocket(int fd) : fd_(fd) {}

  int fd_;
};

}  // namespace recur

#endif  // RECUR_SERVER_STORE_TCP_SOCKET_H_
