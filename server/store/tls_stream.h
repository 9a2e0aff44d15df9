// TLS over a TCP connection, by OpenSSL: 1.2 or later, and the other side must
// prove that it is the host.
#ifndef RECUR_SERVER_STORE_TLS_STREAM_H_
#define RECUR_SERVER_STORE_TLS_STREAM_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/store/tcp_socket.h"

namespace recur {

// One thread at a time. Errors are UNAVAILABLE; after one it is of no more use.
class TlsStream {
 public:
  // Shakes hands over `socket`, which must outlive it. `host` is a name or an
  // address; `ca_file` holds the certificates to trust, the system's if empty.
  static absl::StatusOr<std::unique_ptr<TlsStream>> Begin(
      TcpSocket* socket, const std::string& host, const std::string& ca_file,
      Deadline deadline);
  ~TlsStream();

  // As the socket's.
  absl::Status Send(absl::string_view bytes, Deadline deadline);
  absl::StatusOr<size_t> Receive(char* bytes, size_t size, Deadline deadline);

 private:
  struct Session;

  TlsStream(TcpSocket* socket, std::unique_ptr<Session> session);

  absl::Status ShakeHands(Deadline deadline);
  absl::Status SendEncrypted(Deadline deadline);
  absl::Status ReceiveEncrypted(Deadline deadline);

  TcpSocket* const socket_;
  const std::unique_ptr<Session> session_;
};

}  // namespace recur

#endif  // RECUR_SERVER_STORE_TLS_STREAM_H_
