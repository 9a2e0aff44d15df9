// A server in the test's process that says what the test tells it to.
#ifndef RECUR_TESTS_UNIT_CLIENT_SDK_FAKE_SERVER_H_
#define RECUR_TESTS_UNIT_CLIENT_SDK_FAKE_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "recur/v1/models.grpc.pb.h"
#include "recur/v1/recur.grpc.pb.h"

namespace recur::client {

// A status as the real server sends it.
inline grpc::Status ServerError(grpc::StatusCode code,
                                const std::string& reason,
                                const std::string& message) {
  google::rpc::ErrorInfo info;
  info.set_domain("recur");
  info.set_reason(reason);
  google::rpc::Status status;
  status.set_code(code);
  status.set_message(message);
  status.add_details()->PackFrom(info);
  return grpc::Status(code, message, status.SerializeAsString());
}

class FakeRecur final : public v1::Recur::Service {
 public:
  using StreamCall =
      grpc::ServerReaderWriter<v1::StreamResponse, v1::StreamRequest>;

  // The next calls fail with these, in order.
  std::deque<grpc::Status> failures;
  std::vector<v1::ObserveRequest> observed;
  std::vector<v1::OpenSessionRequest> opened;
  v1::ForecastRequest forecast_request;
  int sessions = 0;  // for ListSessions, two to a page
  std::function<grpc::Status(StreamCall*)> on_stream;

  grpc::Status Observe(grpc::ServerContext* context,
                       const v1::ObserveRequest* request,
                       v1::ObserveResponse* response) override {
    std::lock_guard<std::mutex> lock(mutex_);
    NoteShard(*context);
    observed.push_back(*request);
    if (const grpc::Status failure = Next(); !failure.ok()) return failure;
    response->set_step(request->first_step());
    response->set_applied_step(request->first_step());
    response->set_duplicate(observed.size() > 1);
    return grpc::Status::OK;
  }

  grpc::Status OpenSession(grpc::ServerContext*,
                           const v1::OpenSessionRequest* request,
                           v1::OpenSessionResponse* response) override {
    std::lock_guard<std::mutex> lock(mutex_);
    opened.push_back(*request);
    if (const grpc::Status failure = Next(); !failure.ok()) return failure;
    v1::Session* session = response->mutable_session();
    session->set_session_id("made-by-server");
    session->set_model(request->model());
    session->set_durability(v1::DURABILITY_NONE);
    session->set_idle_ttl_seconds(86'400);
    return grpc::Status::OK;
  }

  grpc::Status Forecast(grpc::ServerContext*,
                        const v1::ForecastRequest* request,
                        v1::ForecastResponse* response) override {
    forecast_request = *request;
    response->set_model("weather");
    response->set_version(3);
    response->add_targets("temp_max");
    response->add_quantile_levels(0.1);
    response->add_quantile_levels(0.9);
    response->set_horizon(2);
    v1::ForecastAnswer* answer = response->mutable_forecast();
    for (double value : {20.0, 21.0}) answer->add_point(value);
    for (double value : {18.0, 22.0, 18.5, 24.0}) answer->add_quantiles(value);
    answer->set_point_kind(v1::POINT_KIND_MEDIAN);
    answer->set_start_us(86'400'000'000);
    return grpc::Status::OK;
  }

  grpc::Status ListSessions(grpc::ServerContext*,
                            const v1::ListSessionsRequest* request,
                            v1::ListSessionsResponse* response) override {
    const int first =
        request->page_token().empty() ? 0 : std::stoi(request->page_token());
    const int last = std::min(sessions, first + 2);
    for (int i = first; i < last; ++i) {
      response->add_sessions()->set_session_id("s" + std::to_string(i));
    }
    if (last < sessions) response->set_next_page_token(std::to_string(last));
    return grpc::Status::OK;
  }

  grpc::Status Stream(grpc::ServerContext* context, StreamCall* call) override {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      NoteShard(*context);
    }
    return on_stream(call);
  }

  // What the headers of the streams, and of what was observed, so far said.
  std::vector<std::string> shards() {
    std::lock_guard<std::mutex> lock(mutex_);
    return shards_;
  }

 private:
  void NoteShard(const grpc::ServerContext& context) {
    const auto shard = context.client_metadata().find("recur-shard");
    shards_.emplace_back(
        shard == context.client_metadata().end()
            ? "none"
            : std::string(shard->second.data(), shard->second.size()));
  }
  grpc::Status Next() {
    if (failures.empty()) return grpc::Status::OK;
    grpc::Status failure = failures.front();
    failures.pop_front();
    return failure;
  }

  std::mutex mutex_;
  std::vector<std::string> shards_;
};

class FakeHealth final : public ::grpc::health::v1::Health::Service {
 public:
  grpc::Status Check(
      grpc::ServerContext*,
      const ::grpc::health::v1::HealthCheckRequest* request,
      ::grpc::health::v1::HealthCheckResponse* response) override {
    if (request->service() == "recur.v1.Nothing") {
      return {grpc::StatusCode::NOT_FOUND, "no service \"recur.v1.Nothing\""};
    }
    using ::grpc::health::v1::HealthCheckResponse;
    response->set_status(request->service() == "recur.v1.Models"
                             ? HealthCheckResponse::NOT_SERVING
                             : HealthCheckResponse::SERVING);
    return grpc::Status::OK;
  }
};

struct FakeServer {
  // On a free port unless told.
  explicit FakeServer(int wanted_port = 0) {
    // A server of ours in the same process may have asked for it.
    grpc::EnableDefaultHealthCheckService(false);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:" + std::to_string(wanted_port),
                             grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&recur);
    builder.RegisterService(&health);
    server = builder.BuildAndStart();
  }
  ~FakeServer() { Stop(); }

  void Stop() {
    server->Shutdown(std::chrono::system_clock::now());
    server->Wait();
  }
  std::string target() const { return "127.0.0.1:" + std::to_string(port); }

  int port = 0;
  FakeRecur recur;
  FakeHealth health;
  std::unique_ptr<grpc::Server> server;
};

}  // namespace recur::client

#endif  // RECUR_TESTS_UNIT_CLIENT_SDK_FAKE_SERVER_H_
