// Opens the run's sessions with many OpenSession calls under way at a time.
#ifndef RECUR_CLIENT_LOAD_SESSION_OPENER_H_
#define RECUR_CLIENT_LOAD_SESSION_OPENER_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "client/load/event_loop.h"
#include "client/load/load_connection.h"
#include "recur/v1/recur.grpc.pb.h"

namespace recur::load {

class SessionOpener {
 public:
  struct Options {
    // Model, time to live and start; the session id is filled in.
    v1::OpenSessionRequest request;
    std::string id_prefix;
    uint32_t sessions = 0;
    int in_flight = 64;
  };

  // All must outlive the opener. Calls may be under way when it is destroyed
  // only if they were cancelled and the loop has been drained.
  SessionOpener(Options options, EventLoop* loop, LoadConnection* connection);

  void Start();
  uint32_t opened() const { return opened_; }
  bool done() const { return !failure_.ok() || opened_ == options_.sessions; }
  // The first error, with the session's number; nothing is opened after it.
  const absl::Status& failure() const { return failure_; }
  void Cancel();

 private:
  struct Call {
    std::optional<grpc::ClientContext> context;
    v1::OpenSessionResponse response;
    grpc::Status status;
    std::unique_ptr<grpc::ClientAsyncResponseReader<v1::OpenSessionResponse>>
        reader;
    uint32_t session = 0;
    Completion on_done;
  };

  void Next(Call* call);
  void OnDone(Call* call);

  Options options_;
  EventLoop* const loop_;
  LoadConnection* const connection_;
  const std::unique_ptr<v1::Recur::Stub> stub_;
  std::deque<Call> calls_;
  uint32_t next_ = 0;
  uint32_t opened_ = 0;
  absl::Status failure_;
};

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_SESSION_OPENER_H_
