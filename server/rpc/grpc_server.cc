#include "server/rpc/grpc_server.h"

#include <grpc/grpc.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>

#include <future>
#include <utility>

#include "absl/strings/str_format.h"
#include "grpc/health/v1/health.pb.h"
#include "model/spec/error_reason.h"
#include "server/rpc/listen_failure.h"

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
  // With SO_REUSEPORT two servers could share a port unnoticed.
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
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

GrpcServer::GrpcServer(const Options& options, Service* service,
                       Repository* repository)
    : streams_(options.max_streams),
      recur_(service, &calls_, &streams_),
      models_(service, &calls_, repository) {}

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Create(
    const Options& options, Service* service, Repository* repository) {
  PrepareLibrary();
  std::unique_ptr<GrpcServer> server(
      new GrpcServer(options, service, repository));
  if (auto status = server->Listen(options); !status.ok()) return status;
  server->SetServing(false);
  return server;
}

absl::Status GrpcServer::Listen(const Options& options) {
  grpc::ServerBuilder builder;
  SetLimits(options, &builder);
  builder.AddListeningPort(options.listen, grpc::InsecureServerCredentials(),
                           &port_);
  builder.RegisterService(&recur_);
  builder.RegisterService(&models_);
  server_ = builder.BuildAndStart();
  if (server_ != nullptr && port_ != 0) return absl::OkStatus();
  server_.reset();
  return ErrorWithReason(
      absl::StatusCode::kFailedPrecondition, "cannot_listen",
      absl::StrFormat("cannot listen on %s: %s", options.listen,
                      WhyListeningFails(options.listen)));
}

GrpcServer::~GrpcServer() { Shutdown(std::chrono::system_clock::now()); }

void GrpcServer::SetServing(bool serving) {
  grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
  for (const char* name : kServices) health->SetServingStatus(name, serving);
}

void GrpcServer::Shutdown(std::chrono::system_clock::time_point deadline) {
  if (server_ == nullptr) return;
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
