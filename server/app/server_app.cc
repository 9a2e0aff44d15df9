#include "server/app/server_app.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <thread>

#include "absl/strings/str_format.h"
#include "model/network/onednn/onednn_engine.h"
#include "model/spec/error_reason.h"
#include "server/app/host_port.h"
#include "server/app/model_log.h"
#include "server/app/version.h"
#include "server/observe/observer.h"
#include "server/rpc/write_turn.h"

namespace recur {
namespace {

constexpr char kLeaving[] = "the server is about to leave; attach elsewhere";

absl::Status CheckOptions(const ServerOptions& options) {
  if (options.models.empty()) {
    return ErrorWithReason(absl::StatusCode::kInvalidArgument, "bad_option",
                           "--models is empty; it must name a directory");
  }
  if (options.store != "memory") {
    return ErrorWithReason(
        absl::StatusCode::kInvalidArgument, "bad_option",
        absl::StrFormat("--store is \"%s\"; this server knows memory alone",
                        options.store));
  }
  if (auto precision = PrecisionChoice::Parse(options.precision);
      !precision.ok()) {
    return WithPrefix("--precision: ", precision.status());
  }
  // Before the models are loaded, which may take a while.
  if (auto listen = ParseHostPort("--listen", options.listen); !listen.ok()) {
    return listen.status();
  }
  return ParseHostPort("--http", options.http).status();
}

int LaneCount(const ServerOptions& options) {
  if (options.lanes > 0) return options.lanes;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

uint64_t Share(uint64_t total, int lanes) {
  return (total + lanes - 1) / lanes;
}

Lane::Options LaneOptions(const ServerOptions& options, uint32_t boot_tag) {
  const int lanes = LaneCount(options);
  Lane::Options lane;
  lane.max_batch_rows = options.max_batch;
  lane.sessions.max_sessions = Share(options.max_sessions, lanes);
  lane.sessions.max_bytes = Share(options.max_session_bytes, lanes);
  lane.sessions.remembered_ended = Share(lane.sessions.remembered_ended, lanes);
  lane.sessions.boot_tag = boot_tag;
  return lane;
}

// A name may be that of a model that comes later, or mistyped.
void WarnOfUnknownNames(const ServerOptions& options,
                        const Repository& repository) {
  const auto choice = PrecisionChoice::Parse(options.precision);
  for (const auto& [model, precision] : choice->models()) {
    if (repository.Knows(model)) continue;
    spdlog::warn("--precision names the model {}, which is not in {} yet",
                 model, options.models);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServerApp>> ServerApp::Create(
    const ServerOptions& options) {
  if (auto status = CheckOptions(options); !status.ok()) return status;
  std::unique_ptr<ServerApp> app(new ServerApp(options));
  if (auto status = app->Build(); !status.ok()) return status;
  return app;
}

absl::Status ServerApp::Build() {
  auto repository = Repository::Create(
      {.root = options_.models,
       .all_versions = options_.all_versions,
       .warm =
           [this](const std::shared_ptr<const Servable>& model) {
             return service_->Warm(model);
           },
       .max_batch_rows = options_.max_batch,
       .precision = *PrecisionChoice::Parse(options_.precision),
       .on_change = LogModelChange});
  if (!repository.ok()) return repository.status();
  repository_ = *std::move(repository);
  const uint32_t boot_tag = std::random_device{}();
  lanes_ = std::make_unique<LaneThreads>(
      LaneCount(options_), LaneOptions(options_, boot_tag),
      LaneThreads::Hooks{.on_start =
                             [] {
                               UseOneThreadPerCall();
                               UseWriteTurns();
                             },
                         .after_turn = EndWriteTurn});
  Service::Options service;
  service.default_idle_ttl = options_.idle_ttl;
  service.boot_tag = boot_tag;
  service_ =
      std::make_unique<Service>(service, repository_.get(), lanes_.get());
  if (repository_->Poll() == 0) {
    spdlog::warn("no models in {} yet", options_.models);
  }
  WarnOfUnknownNames(options_, *repository_);
  return absl::OkStatus();
}

ServerApp::~ServerApp() { Stop(); }

absl::Status ServerApp::Start() {
  if (auto status = ListenGrpc(); !status.ok()) return status;
  if (auto status = ListenHttp(); !status.ok()) return status;
  if (options_.model_poll.count() > 0) {
    poller_ =
        std::make_unique<ModelPoller>(repository_.get(), options_.model_poll);
  }
  grpc_->SetServing(true);
  spdlog::info(
      "recur-server {} serves gRPC on {} (port {}), HTTP on {} (port "
      "{}); {} lanes, sessions in memory",
      kVersion, options_.listen, grpc_port(), options_.http, http_port(),
      lanes_->lane_count());
  return absl::OkStatus();
}

absl::Status ServerApp::ListenGrpc() {
  auto grpc =
      GrpcServer::Create({.listen = options_.listen,
                          .max_message_bytes = options_.max_message_bytes},
                         service_.get(), repository_.get());
  if (!grpc.ok()) return grpc.status();
  grpc_ = *std::move(grpc);
  return absl::OkStatus();
}

absl::Status ServerApp::ListenHttp() {
  auto address = ParseHostPort("--http", options_.http);
  if (!address.ok()) return address.status();
  auto http =
      StartObserver(service_.get(), {.address = address->host,
                                     .port = address->port,
                                     .build_labels = {{"version", kVersion}}});
  if (!http.ok()) return http.status();
  http_ = *std::move(http);
  return absl::OkStatus();
}

void ServerApp::Drain() { DrainFor(options_.grace); }

void ServerApp::DrainFor(std::chrono::seconds grace) {
  if (drained_ || grpc_ == nullptr) return;
  drained_ = true;
  spdlog::info("draining: {} streams open, at most {} s", grpc_->live_streams(),
               grace.count());
  grpc_->SetServing(false);
  service_->BeginDrain();
  grpc_->GoAway(kLeaving);
  grpc_->Shutdown(std::chrono::system_clock::now() + grace);
}

void ServerApp::Stop() {
  DrainFor(std::chrono::seconds(0));
  poller_.reset();
  http_.reset();
  grpc_.reset();
  if (lanes_ != nullptr) lanes_->Stop();
}

}  // namespace recur
