// The gRPC side of a server: both services, health and reflection on one
// listener, without transport security.
//
//   auto server = GrpcServer::Create({.listen = "127.0.0.1:8001"}, &service,
//                                    &repository);
//   (*server)->SetServing(true);
//   ...
//   (*server)->SetServing(false);
//   (*server)->GoAway("draining");
//   (*server)->Shutdown(deadline);
//
// Thread-safe.
#ifndef RECUR_SERVER_RPC_GRPC_SERVER_H_
#define RECUR_SERVER_RPC_GRPC_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/core/service.h"
#include "server/repository/repository.h"
#include "server/rpc/listener.h"
#include "server/rpc/live_streams.h"
#include "server/rpc/models_service.h"
#include "server/rpc/open_calls.h"
#include "server/rpc/recur_service.h"

namespace recur {

class GrpcServer {
 public:
  struct Options {
    std::string listen = "127.0.0.1:8001";  // host:port; port 0: any free one
    int max_message_bytes = 16 << 20;       // that a client may send
    int max_calls_per_connection = 1000;    // at once; more wait
    size_t max_streams = 10'000;            // Stream calls at once
    size_t max_connections = 10'000;        // further ones are closed
  };

  // Listens. Health says NOT_SERVING until SetServing. `service` and
  // `repository` must outlive it, and the lanes must answer until it is gone.
  // FAILED_PRECONDITION cannot_listen, naming the address and why.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Create(
      const Options& options, Service* service, Repository* repository);

  // Shuts down at once, if that was not done.
  ~GrpcServer();

  // The port it listens on.
  int bound_port() const { return listener_->port(); }

  // What health says of the server and of each service.
  void SetServing(bool serving);

  // Tells open streams that the server is about to leave, and refuses new
  // ones. They finish what they have read.
  void GoAway(const std::string& reason) { streams_.GoAway(reason); }

  size_t live_streams() const { return streams_.size(); }

  // Takes no more calls, waits for those in progress until the deadline and
  // then cancels them. Connections without a call are cut as soon as their
  // clients have had half a second to take the last replies and leave; calls of
  // health and reflection do not hold it up. Idempotent.
  void Shutdown(std::chrono::system_clock::time_point deadline);

 private:
  GrpcServer(const Options& options, std::unique_ptr<Listener> listener,
             Service* service, Repository* repository);
  absl::Status Start(const Options& options);

  // Connections are accepted by us and handed to gRPC, so that we can hold
  // what is written to one.
  std::unique_ptr<Listener> listener_;
  OpenCalls calls_;
  LiveStreams streams_;
  RecurService recur_;
  ModelsService models_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace recur

#endif  // RECUR_SERVER_RPC_GRPC_SERVER_H_
