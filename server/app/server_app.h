// The whole server in one object: lanes, core, models, gRPC and HTTP, started
// and stopped in the right order. main.cc puts flags and signals around it,
// tests use it as it is.
//
//   auto app = ServerApp::Create({.models = "/models", .listen = "[::]:0"});
//   (*app)->Start();
//   ... (*app)->grpc_port() ...
//   (*app)->Drain();
//   (*app)->Stop();
//
// Calls come from one thread, but for CommitNow.
#ifndef RECUR_SERVER_APP_SERVER_APP_H_
#define RECUR_SERVER_APP_SERVER_APP_H_

#include <memory>
#include <mutex>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/app/model_poller.h"
#include "server/app/server_options.h"
#include "server/core/service.h"
#include "server/core/store_driver.h"
#include "server/core/store_identity.h"
#include "server/core/store_threads.h"
#include "server/lane/lane_thread.h"
#include "server/observe/http_server.h"
#include "server/repository/repository.h"
#include "server/rpc/grpc_server.h"
#include "server/store/session_store.h"

namespace recur {

class ServerApp {
 public:
  // Starts the lanes and loads the models. A model that fails to load is
  // logged and reported by Models; the server goes on without it.
  // INVALID_ARGUMENT (an option), NOT_FOUND (the models' directory).
  static absl::StatusOr<std::unique_ptr<ServerApp>> Create(
      const ServerOptions& options);

  // Stops.
  ~ServerApp();

  // Listens and takes calls. FAILED_PRECONDITION cannot_listen (gRPC) or
  // UNAVAILABLE (HTTP), naming the address and the reason.
  absl::Status Start();

  // The ports it listens on, once started.
  int grpc_port() const { return grpc_->bound_port(); }
  int http_port() const { return http_->port(); }

  // Stops serving: health says so, new sessions and calls are refused, open
  // streams are told to go away, and everything is committed. Waits for what is
  // in progress and for the store, together at most options.grace; what is in
  // progress then is cancelled. Idempotent.
  void Drain();

  // Commits what is not, in a few seconds or not at all: for a process that
  // ends at once. From any thread; does nothing once Stop has begun.
  void CommitNow();

  // Drains without grace, if that was not done, and ends all threads.
  // Idempotent.
  void Stop();

  Service* service() { return service_.get(); }
  Repository* repository() { return repository_.get(); }

 private:
  explicit ServerApp(const ServerOptions& options) : options_(options) {}

  absl::StatusOr<StoreIdentity> OpenStore();
  absl::Status Build();
  absl::Status ListenGrpc();
  absl::Status ListenHttp();
  void DrainFor(std::chrono::seconds grace);
  // Waits for the calls in progress until then, and cancels the others.
  void CloseCalls(TimePoint deadline);
  // Commits what is not, or says so.
  void Flush(TimePoint deadline);

  const ServerOptions options_;
  std::unique_ptr<SessionStore> store_;  // null: sessions live in memory
  std::unique_ptr<LaneThreads> lanes_;
  std::unique_ptr<Repository> repository_;
  std::unique_ptr<StoreDriver> driver_;
  std::unique_ptr<StoreThreads> store_threads_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<ModelPoller> poller_;
  std::unique_ptr<GrpcServer> grpc_;
  std::unique_ptr<HttpServer> http_;
  bool drained_ = false;
  std::mutex stopping_;
  bool stopped_ = false;  // under stopping_
};

}  // namespace recur

#endif  // RECUR_SERVER_APP_SERVER_APP_H_
