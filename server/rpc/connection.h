// A client's connection, by a socket of our own beside gRPC's: the same
// connection, but closed by us.
#ifndef RECUR_SERVER_RPC_CONNECTION_H_
#define RECUR_SERVER_RPC_CONNECTION_H_

namespace recur {

// Thread-safe.
class Connection {
 public:
  // Owns the socket, a connected one.
  explicit Connection(int socket) : socket_(socket) {}
  ~Connection();

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int socket() const { return socket_; }

  // From Hold to Release the kernel gathers what is sent into full segments
  // (TCP_CORK, see tcp(7)), for a fifth of a second at most. Release lets go of
  // everything, whoever held it.
  void Hold();
  void Release();

 private:
  const int socket_;
};

}  // namespace recur

#endif  // RECUR_SERVER_RPC_CONNECTION_H_
