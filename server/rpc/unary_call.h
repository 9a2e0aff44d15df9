// One unary call until it is answered: gRPC's reactor, its request and
// response, and its time. Completions of the core hold it by shared_ptr.
#ifndef RECUR_SERVER_RPC_UNARY_CALL_H_
#define RECUR_SERVER_RPC_UNARY_CALL_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "model/spec/error_reason.h"
#include "server/core/service.h"
#include "server/rpc/decode.h"
#include "server/rpc/open_calls.h"
#include "server/rpc/request_timer.h"
#include "server/rpc/rpc_status.h"

namespace recur {

template <typename Request, typename Response>
class UnaryCall {
 public:
  // request and response are gRPC's and live until Finish; `calls` must outlive
  // the call.
  UnaryCall(Service* service, OpenCalls* calls, std::string method,
            grpc::CallbackServerContext* context, const Request* request,
            Response* response)
      : request(*request),
        response(*response),
        timer_(service, std::move(method)),
        calls_(calls),
        context_(context),
        reactor_(context->DefaultReactor()) {
    calls_->Add();
  }

  // A call that nobody answered, because the lanes stopped first.
  ~UnaryCall() {
    Finish(ErrorWithReason(absl::StatusCode::kUnavailable, "draining",
                           "the server stopped before it had an answer"));
  }

  UnaryCall(const UnaryCall&) = delete;
  UnaryCall& operator=(const UnaryCall&) = delete;

  // What the method's handler returns.
  grpc::ServerUnaryReactor* reactor() const { return reactor_; }

  std::optional<TimePoint> deadline() const {
    return DeadlineOf(context_->deadline(), std::chrono::system_clock::now(),
                      std::chrono::steady_clock::now());
  }

  // See RequestTimer.
  void SetModel(std::string model) { timer_.SetModel(std::move(model)); }

  // Answers; from any thread. What comes after the first time is ignored.
  // Afterwards request and response are gone.
  void Finish(const absl::Status& status) {
    if (finished_.exchange(true)) return;
    timer_.Stop(status.code());
    // Before Finish: nothing of the server may be used after it.
    calls_->Remove();
    reactor_->Finish(ToGrpcStatus(status));
  }

  const Request& request;
  Response& response;

 private:
  RequestTimer timer_;
  OpenCalls* calls_;
  grpc::CallbackServerContext* context_;
  grpc::ServerUnaryReactor* reactor_;
  std::atomic<bool> finished_{false};
};

}  // namespace recur

#endif  // RECUR_SERVER_RPC_UNARY_CALL_H_
