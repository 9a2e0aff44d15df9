// The server's own pages over HTTP:
//   /metrics  Prometheus's text format (metrics.h)
//   /healthz  200 while the process answers at all
//   /readyz   200 when it takes new work, else 503 with the reason
//   /         a list of these
#ifndef RECUR_SERVER_OBSERVE_OBSERVER_H_
#define RECUR_SERVER_OBSERVE_OBSERVER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/core/service.h"
#include "server/observe/http_server.h"

namespace recur {

struct ObserverOptions {
  std::string address = "127.0.0.1";
  int port = 8002;  // 0: a free one is chosen
  // Labels of recur_build_info: {"version", "0.1.0"}, ...
  std::map<std::string, std::string> build_labels;
  // Asked by /readyz after the server's own rule (Readiness); may be empty.
  std::function<absl::Status()> ready;
};

// OK when the server takes new work: it is not draining, and at least one
// model is ready. UNAVAILABLE says which it is, and how many models are
// loading or have failed.
absl::Status Readiness(const Service& service);

// The pages alone. `service` must outlive them.
std::map<std::string, HttpServer::Page> ObserverPages(
    Service* service, const ObserverOptions& options);

// Serves them. Errors are those of HttpServer::Create. `service` must outlive
// the server.
absl::StatusOr<std::unique_ptr<HttpServer>> StartObserver(
    Service* service, const ObserverOptions& options);

}  // namespace recur

#endif  // RECUR_SERVER_OBSERVE_OBSERVER_H_
