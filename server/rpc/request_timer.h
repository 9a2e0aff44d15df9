// Counts a request and its time when it is answered.
#ifndef RECUR_SERVER_RPC_REQUEST_TIMER_H_
#define RECUR_SERVER_RPC_REQUEST_TIMER_H_

#include <chrono>
#include <string>

#include "absl/status/status.h"
#include "server/core/service.h"

namespace recur {

// Starts when it is made. One thread at a time.
class RequestTimer {
 public:
  // `service` must outlive it; `method` is a word of RequestKey.
  RequestTimer(Service* service, std::string method)
      : service_(service), method_(std::move(method)) {}

  // The model's name as the request gave it or the answer tells it; left out,
  // the request counts as one for an unknown model.
  void SetModel(std::string model) { model_ = std::move(model); }

  void Stop(absl::StatusCode code) {
    const std::chrono::duration<double> passed =
        std::chrono::steady_clock::now() - start_;
    service_->request_stats()
        .Series({.method = method_,
                 .model = service_->ModelLabel(model_),
                 .code = code})
        ->Observe(passed.count());
  }

 private:
  Service* service_;
  std::string method_;
  std::string model_;
  std::chrono::steady_clock::time_point start_ =
      std::chrono::steady_clock::now();
};

}  // namespace recur

#endif  // RECUR_SERVER_RPC_REQUEST_TIMER_H_
