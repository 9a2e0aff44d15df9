#include "server/app/server_app.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <random>
#include <string>
#include <thread>

#include "model/network/onednn/onednn_engine.h"
#include "model/spec/error_reason.h"
#include "server/app/host_port.h"
#include "server/app/model_log.h"
#include "server/app/version.h"
#include "server/observe/observer.h"
#include "server/rpc/write_turn.h"
#include "server/store/store_uri.h"

namespace recur {
namespace {

// What a store is given to take what it has not: before the streams are told,
// or where no grace time bounds it; and after they are closed.
constexpr std::chrono::seconds kFlush{5};
constexpr std::chrono::seconds kLastFlush{1};
constexpr std::chrono::milliseconds kFarewell{100};

constexpr char kLeaving[] = "the server is about to leave; attach elsewhere";

absl::Status CheckOptions(const ServerOptions& options) {
  if (options.models.empty()) {
    return ErrorWithReason(absl::StatusCode::kInvalidArgument, "bad_option",
                           "--models is empty; it must name a directory");
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

const char* KeptText(Durability durability) {
  switch (durability) {
    case Durability::kNone:
      break;
    case Durability::kLocal:
      return "on this machine";
    case Durability::kShared:
      return "in a shared store";
  }
  return "in memory";
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
  lane.spill_after = options.spill_after;
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

absl::StatusOr<StoreIdentity> ServerApp::OpenStore() {
  auto store = OpenSessionStore(options_.store);
  if (!store.ok()) return WithPrefix("--store: ", store.status());
  store_ = *std::move(store);
  if (store_ == nullptr) {
    return StoreIdentity{.boot_tag = std::random_device{}(),
                         .key = SessionNames::RandomKey()};
  }
  auto identity = IdentityOf(store_.get());
  if (!identity.ok()) return WithPrefix("--store: ", identity.status());
  return identity;
}

absl::Status ServerApp::Build() {
  auto identity = OpenStore();
  if (!identity.ok()) return identity.status();
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
  lanes_ = std::make_unique<LaneThreads>(
      LaneCount(options_), LaneOptions(options_, identity->boot_tag),
      LaneThreads::Hooks{.before_turn =
                             [] {
                               UseOneThreadPerCall();
                               BeginWriteTurn();
                             },
                         .after_turn = EndWriteTurn});
  if (store_ != nullptr) {
    driver_ = std::make_unique<StoreDriver>(
        StoreDriver::Options{.commit_interval = options_.commit_interval,
                             .strict_numerics = options_.strict_numerics},
        store_.get(), repository_.get(), lanes_.get());
    store_threads_ =
        std::make_unique<StoreThreads>(driver_.get(), lanes_.get());
  }
  Service::Options service;
  service.default_idle_ttl = options_.idle_ttl;
  service.strict_numerics = options_.strict_numerics;
  service.boot_tag = identity->boot_tag;
  service.names_key = identity->key;
  service_ = std::make_unique<Service>(service, repository_.get(), lanes_.get(),
                                       driver_.get());
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
      "{}); {} lanes, sessions {}",
      kVersion, options_.listen, grpc_port(), options_.http, http_port(),
      lanes_->lane_count(), KeptText(service_->durability()));
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
  const TimePoint began = std::chrono::steady_clock::now();
  const TimePoint deadline = began + grace;
  const auto quarter = std::chrono::milliseconds(grace) / 4;
  grpc_->SetServing(false);
  service_->BeginDrain();
  // So that the streams are told of as much as there is.
  if (store_threads_ != nullptr && grace.count() > 0) {
    store_threads_->Flush(began +
                          std::min<std::chrono::milliseconds>(kFlush, quarter));
  }
  grpc_->GoAway(kLeaving);
  CloseCalls(deadline -
             std::min<std::chrono::milliseconds>(kLastFlush, quarter));
  Flush(grace.count() > 0 ? deadline
                          : std::chrono::steady_clock::now() + kFlush);
}

void ServerApp::CloseCalls(TimePoint deadline) {
  auto closed = std::async(std::launch::async, [&] {
    grpc_->Shutdown(std::chrono::system_clock::now() +
                    (deadline - std::chrono::steady_clock::now()));
  });
  // Then calls that wait for the store are in the way.
  while (closed.wait_until(deadline) != std::future_status::ready &&
         closed.wait_for(kFarewell) != std::future_status::ready) {
    service_->AbandonWaiting();
  }
}

void ServerApp::Flush(TimePoint deadline) {
  if (store_threads_ == nullptr || store_threads_->Flush(deadline)) return;
  spdlog::warn(
      "the session store does not answer: steps that no client was "
      "told are durable are not stored yet");
}

void ServerApp::CommitNow() {
  const std::lock_guard lock(stopping_);
  if (!stopped_) Flush(std::chrono::steady_clock::now() + kFlush);
}

void ServerApp::Stop() {
  DrainFor(std::chrono::seconds(0));
  const std::lock_guard lock(stopping_);
  stopped_ = true;
  poller_.reset();
  http_.reset();
  grpc_.reset();
  if (store_threads_ != nullptr) store_threads_->Stop();
  if (lanes_ != nullptr) lanes_->Stop();
  // Nobody asks it any more; what it keeps open is closed.
  store_.reset();
}

}  // namespace recur
