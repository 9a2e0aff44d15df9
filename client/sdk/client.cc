#include "client/sdk/client.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <random>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/replay/shard.h"
#include "client/replay/verdict.h"
#include "client/sdk/chance.h"
#include "client/sdk/message_conversion.h"
#include "client/sdk/status_conversion.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "model/spec/error_reason.h"
#include "model/spec/utf8.h"
#include "recur/v1/models.grpc.pb.h"
#include "recur/v1/recur.grpc.pb.h"

namespace recur::client {
namespace {

using Clock = std::chrono::steady_clock;

std::string RandomRequestId() {
  std::random_device device;
  std::string id;
  for (int i = 0; i < 4; ++i) {
    absl::StrAppendFormat(&id, "%08x", device());
  }
  return id;
}

// Channels to one target share a connection unless they are to have their
// own.
std::shared_ptr<grpc::Channel> MakeChannel(const std::string& target,
                                           bool own_connection) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, own_connection);
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // What is sent again is decided here; and with gRPC's own retries (1.51) a
  // stream that a balancer answers with an HTTP error may never end.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // The retries of this client decide how soon; the channel must not be
  // slower to reconnect than they are.
  // In spite of its name: how long a connection may take to come about.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5'000);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 20);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1'000);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(),
                                   arguments);
}

}  // namespace

struct Client::Connection {
  explicit Connection(const Options& options)
      : options(options),
        channel(MakeChannel(options.target, /*own_connection=*/false)),
        recur(v1::Recur::NewStub(channel)),
        models(v1::Models::NewStub(channel)),
        health(::grpc::health::v1::Health::NewStub(channel)) {}

  // One unary call with its retries.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(
      Stub* stub,
      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
      const Request& request) {
    const Clock::time_point start = Clock::now();
    const auto deadline = std::chrono::system_clock::now() + options.timeout;
    RetryOptions retry = options.retry;
    retry.budget = std::min(retry.budget, options.timeout);
    const auto last_start = std::chrono::system_clock::now() + retry.budget;
    RetrySchedule schedule(retry, start);
    for (;;) {
      grpc::ClientContext context;
      context.set_deadline(deadline);
      NameShard(request, &context);
      Response response;
      absl::Status status =
          ToAbslStatus((stub->*method)(&context, request, &response));
      if (status.ok()) return response;
      if (!IsRetryable(status)) return status;
      const auto pause = schedule.NextPause(status, Clock::now(), Chance());
      if (!pause.has_value()) return status;
      std::this_thread::sleep_for(*pause);
      // Only a caller that waits lets a channel connect; a call on one that is
      // not connected would fail at once.
      channel->WaitForConnected(last_start);
    }
  }

  template <typename Request>
  void NameShard(const Request& request, grpc::ClientContext* context) const {
    if constexpr (requires { request.session_id(); }) {
      if (request.session_id().empty()) return;
      const uint32_t shard = ShardOf(request.session_id(), options.shards);
      context->AddMetadata(kShardHeader, absl::StrCat(shard));
    }
  }

  Options options;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::Recur::Stub> recur;
  std::unique_ptr<v1::Models::Stub> models;
  std::unique_ptr<::grpc::health::v1::Health::Stub> health;
};

absl::StatusOr<Client> Client::Create(const Options& options) {
  if (options.target.empty()) {
    return absl::InvalidArgumentError("target is empty; it is host:port");
  }
  if (options.timeout.count() <= 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "timeout is ", options.timeout.count(), " ms; it must be more than 0"));
  }
  if (options.shards == 0) {
    return absl::InvalidArgumentError("shards is 0; it must be more");
  }
  if (absl::Status status = CheckRetryOptions(options.retry); !status.ok()) {
    return status;
  }
  return Client(std::make_unique<Connection>(options));
}

Client::Client(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

const Client::Options& Client::options() const { return connection_->options; }

absl::StatusOr<ClassifyResult> Client::Classify(const ClassifyCall& call) {
  // Protocol buffers would fail without a word.
  for (size_t i = 0; i < call.texts.size(); ++i) {
    if (IsUtf8(call.texts[i])) continue;
    return ErrorWithReason(absl::StatusCode::kInvalidArgument, "not_utf8",
                           absl::StrFormat("input %d is not UTF-8", i));
  }
  const auto response = connection_->Call(
      connection_->recur.get(), &v1::Recur::Stub::Classify, ToMessage(call));
  if (!response.ok()) return response.status();
  return FromMessage(*response);
}

absl::StatusOr<ForecastResult> Client::Forecast(const ForecastCall& call) {
  const auto response = connection_->Call(
      connection_->recur.get(), &v1::Recur::Stub::Forecast, ToMessage(call));
  if (!response.ok()) return response.status();
  return FromMessage(*response);
}

absl::StatusOr<SessionInfo> Client::OpenSession(const OpenCall& call) {
  v1::OpenSessionRequest request = ToMessage(call);
  if (request.request_id().empty()) request.set_request_id(RandomRequestId());
  const auto response = connection_->Call(
      connection_->recur.get(), &v1::Recur::Stub::OpenSession, request);
  if (!response.ok()) return response.status();
  return FromMessage(response->session());
}

absl::StatusOr<SessionInfo> Client::GetSession(const std::string& session_id) {
  v1::GetSessionRequest request;
  request.set_session_id(session_id);
  const auto response = connection_->Call(
      connection_->recur.get(), &v1::Recur::Stub::GetSession, request);
  if (!response.ok()) return response.status();
  return FromMessage(response->session());
}

absl::StatusOr<std::vector<SessionInfo>> Client::ListSessions(
    const std::string& model) {
  std::vector<SessionInfo> sessions;
  v1::ListSessionsRequest request;
  request.set_model(model);
  request.set_page_size(1000);
  do {
    const auto response = connection_->Call(
        connection_->recur.get(), &v1::Recur::Stub::ListSessions, request);
    if (!response.ok()) return response.status();
    for (const v1::Session& session : response->sessions()) {
      sessions.push_back(FromMessage(session));
    }
    request.set_page_token(response->next_page_token());
  } while (!request.page_token().empty());
  return sessions;
}

absl::StatusOr<uint64_t> Client::CloseSession(const std::string& session_id) {
  v1::CloseSessionRequest request;
  request.set_session_id(session_id);
  const auto response = connection_->Call(
      connection_->recur.get(), &v1::Recur::Stub::CloseSession, request);
  if (!response.ok()) return response.status();
  return response->applied_step();
}

absl::StatusOr<ObserveResult> Client::Observe(const ObserveCall& call) {
  const auto response = connection_->Call(
      connection_->recur.get(), &v1::Recur::Stub::Observe, ToMessage(call));
  if (!response.ok()) return response.status();
  return FromMessage(*response);
}

absl::StatusOr<std::unique_ptr<Stream>> Client::OpenStream(
    const Stream::Options& options, Stream::Handlers handlers) {
  const auto new_channel = [target = connection_->options.target] {
    return MakeChannel(target, /*own_connection=*/true);
  };
  return Stream::Open(new_channel, options, std::move(handlers),
                      connection_->options.timeout);
}

absl::StatusOr<std::vector<ModelInfo>> Client::ListModels() {
  const auto response =
      connection_->Call(connection_->models.get(),
                        &v1::Models::Stub::ListModels, v1::ListModelsRequest());
  if (!response.ok()) return response.status();
  std::vector<ModelInfo> models;
  for (const v1::Model& model : response->models()) {
    models.push_back(FromMessage(model));
  }
  return models;
}

absl::StatusOr<ModelInfo> Client::GetModel(const std::string& model,
                                           std::optional<int64_t> version) {
  v1::GetModelRequest request;
  request.set_model(model);
  if (version.has_value()) request.set_version(*version);
  const auto response = connection_->Call(connection_->models.get(),
                                          &v1::Models::Stub::GetModel, request);
  if (!response.ok()) return response.status();
  return FromMessage(response->model());
}

absl::Status Client::CheckHealth(const std::string& service) {
  using ::grpc::health::v1::HealthCheckRequest;
  using ::grpc::health::v1::HealthCheckResponse;
  HealthCheckRequest request;
  request.set_service(service);
  HealthCheckResponse response;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       connection_->options.timeout);
  absl::Status status =
      ToAbslStatus(connection_->health->Check(&context, request, &response));
  if (absl::IsNotFound(status)) {
    return ErrorWithReason(
        absl::StatusCode::kNotFound, "service_unknown",
        absl::StrFormat("the server has no service \"%s\"", service));
  }
  if (!status.ok()) return status;
  if (response.status() == HealthCheckResponse::SERVING) {
    return absl::OkStatus();
  }
  return ErrorWithReason(
      absl::StatusCode::kUnavailable, "not_serving",
      absl::StrCat(service.empty() ? "the server" : service, " is ",
                   HealthCheckResponse::ServingStatus_Name(response.status())));
}

}  // namespace recur::client
