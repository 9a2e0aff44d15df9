// The C++ client of a Recur server.
//
//   auto client = Client::Create({.target = "127.0.0.1:8001"});
//   auto session = client->OpenSession({.model = "weather"});
//   auto result = client->Observe({.session_id = session->session_id,
//                                  .first_step = 1,
//                                  .observations = {.values = {0.0, 12.8}},
//                                  .want = Want::kForecast});
//   result->forecast->point;
//
// Calls block, and may come from any thread. Every call may be sent again
// without harm (observations carry their step numbers, an open its request
// id), so a call that fails on the way, or that the server asks to send later,
// is tried again on its own (client/replay/verdict.h says which,
// retry_schedule.h when); what comes back then is the last error.
//
// Errors are what the server said: code, message, and the reason and details
// of model/spec/error_reason.h. A status without a reason comes from the
// transport: UNAVAILABLE if the server cannot be reached, DEADLINE_EXCEEDED
// after `timeout`, INTERNAL if an answer was not understood.
//
// HTTP proxies named in the environment are not used.
#ifndef RECUR_CLIENT_SDK_CLIENT_H_
#define RECUR_CLIENT_SDK_CLIENT_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/replay/retry_schedule.h"
#include "client/sdk/stream.h"
#include "client/sdk/types.h"

namespace recur::client {

class Client {
 public:
  struct Options {
    std::string target = "127.0.0.1:8001";  // host:port
    // Of one call, with all its attempts; also of a stream's Attach.
    std::chrono::milliseconds timeout{30'000};
    RetryOptions retry;
    // As many as the sessions' streams have (Stream::Options::streams): a call
    // that names a session then reaches, through a balancer, the server that
    // its stream is on (client/replay/shard.h).
    uint32_t shards = 1;
  };

  // Does not connect: the first call does. INVALID_ARGUMENT naming the option.
  static absl::StatusOr<Client> Create(const Options& options);

  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  const Options& options() const;

  // Labels whole texts or sequences, each on its own.
  absl::StatusOr<ClassifyResult> Classify(const ClassifyCall& call);
  // Commits nothing, neither with a context nor with a session.
  absl::StatusOr<ForecastResult> Forecast(const ForecastCall& call);

  absl::StatusOr<SessionInfo> OpenSession(const OpenCall& call);
  absl::StatusOr<SessionInfo> GetSession(const std::string& session_id);
  // All of them, by id; only those of `model` unless it is empty. Fetched in
  // pages: what opens or closes meanwhile may or may not be there.
  absl::StatusOr<std::vector<SessionInfo>> ListSessions(
      const std::string& model = "");
  // The last applied step. Closing a closed session is OK.
  absl::StatusOr<uint64_t> CloseSession(const std::string& session_id);

  // One or more steps of one session, numbered from call.first_step.
  absl::StatusOr<ObserveResult> Observe(const ObserveCall& call);

  // Many steps of many sessions, through the loss of connections. The stream
  // may outlive the client.
  absl::StatusOr<std::unique_ptr<Stream>> OpenStream(
      const Stream::Options& options, Stream::Handlers handlers);

  absl::StatusOr<std::vector<ModelInfo>> ListModels();
  // The latest version unless one is given.
  absl::StatusOr<ModelInfo> GetModel(
      const std::string& model, std::optional<int64_t> version = std::nullopt);

  // OK if the server, or that one of its services, serves; UNAVAILABLE if it
  // says it does not, NOT_FOUND for a service it does not have. One attempt.
  absl::Status CheckHealth(const std::string& service = "");

 private:
  struct Connection;

  explicit Client(std::unique_ptr<Connection> connection);

  std::unique_ptr<Connection> connection_;
};

}  // namespace recur::client

#endif  // RECUR_CLIENT_SDK_CLIENT_H_
