#include "server/rpc/grpc_server.h"

#include <grpc/grpc.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>

#include <future>
#include <utility>

#include "absl/strings/str_format.h"
#include "grpc/health/v1/health.pb.h"
#include "model/spec/error_reason.h"

namespace recur {
namespace {

constexpr int kKeepaliveMs = 60'000;
constexpr int kKeepaliveTimeoutMs = 20'000;
constexpr int kMinPingIntervalMs = 10'000;
constexpr std::chrono::milliseconds kFarewell(500);
constexpr const char* kServices[] = {"", "recur.v1.Recur", "recur.v1.Models"};

// Settings of the process that must come before the first server.
void PrepareLibrary() {
  static const bool once = [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    // gRPC serves health without the generated code; reflection can describe
    // it only if that is linked in.
    return grpc::health::v1::HealthCheckRequest::descriptor() != nullptr;
  }();
  static_cast<void>(once);
}

void SetLimits(const GrpcServer::Options& options,
               grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(options.max_message_bytes);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS,
                              options.max_calls_per_connection);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                              kKeepaliveTimeoutMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder->AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
      kMinPingIntervalMs);
}

}  // namespace

GrpcServer::GrpcServer(const Options& options,
                       std::unique_ptr<Listener> listener, Service* service,
                       Repository* repository)
    : listener_(std::move(listener)),
      streams_(options.max_streams),
      recur_(service, &calls_, &streams_, listener_.get()),
      models_(service, &calls_, repository) {}

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Create(
    const Options& options, Service* service, Repository* repository) {
  PrepareLibrary();
  auto listener = Listener::Bind(options.listen, options.max_connections);
  if (!listener.ok()) return listener.status();
  std::unique_ptr<GrpcServer> server(
      new GrpcServer(options, *std::move(listener), service, repository));
  if (auto status = server->Start(options); !status.ok()) return status;
  server->SetServing(false);
  return server;
}

absl::Status GrpcServer::Start(const Options& options) {
  grpc::ServerBuilder builder;
  SetLimits(options, &builder);
  using Builder = grpc::ServerBuilder::experimental_type;
  acceptor_ = builder.experimental().AddExternalConnectionAcceptor(
      Builder::ExternalConnectionType::FROM_FD,
      grpc::InsecureServerCredentials());
  builder.RegisterService(&recur_);
  builder.RegisterService(&models_);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) {
    return absl::InternalError("gRPC could not start a server");
  }
  listener_->Start([this](int socket) {
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters
        connection;
    connection.fd = socket;
    acceptor_->HandleNewConnection(&connection);
  });
  return absl::OkStatus();
}

GrpcServer::~GrpcServer() { Shutdown(std::chrono::system_clock::now()); }

void GrpcServer::SetServing(bool serving) {
  grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
  for (const char* name : kServices) health->SetServingStatus(name, serving);
}

void GrpcServer::Shutdown(std::chrono::system_clock::time_point deadline) {
  if (server_ == nullptr) return;
  listener_->Stop();
  const auto closed =
      std::async(std::launch::async, [&] { server_->Shutdown(deadline); });
  // Some clients keep an idle connection for seconds after they were told, and
  // gRPC's Shutdown waits for every connection.
  calls_.WaitForNone(deadline);
  while (closed.wait_for(kFarewell) != std::future_status::ready) {
    grpc_server_cancel_all_calls(server_->c_server());
    calls_.WaitForNone(deadline);
  }
}

}  // namespace recur
