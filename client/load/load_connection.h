// One TCP connection to the server under load, with gRPC's channel on it. It
// is not made again if it breaks: the load ends then.
//
// gRPC sends every message with a system call that takes longer than all else
// the generator does for it. So while the connection is held, the kernel only
// gathers what is sent, and lets it go as one when it is released, which the
// event loop does as soon as it has nothing at hand to do. The streams of one
// connection so share segments, as those of any busy client do.
#ifndef RECUR_CLIENT_LOAD_LOAD_CONNECTION_H_
#define RECUR_CLIENT_LOAD_LOAD_CONNECTION_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace recur::load {

class LoadConnection {
 public:
  // Connects to "host:port"; replies may have any size. INVALID_ARGUMENT or
  // UNAVAILABLE naming it.
  static absl::StatusOr<std::unique_ptr<LoadConnection>> Connect(
      const std::string& server);

  ~LoadConnection();
  LoadConnection(const LoadConnection&) = delete;
  LoadConnection& operator=(const LoadConnection&) = delete;

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  void Hold();
  void Release();

 private:
  LoadConnection(int socket, std::shared_ptr<grpc::Channel> channel)
      : socket_(socket), channel_(std::move(channel)) {}

  const int socket_;  // of its own: gRPC closes the other
  const std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_LOAD_CONNECTION_H_
