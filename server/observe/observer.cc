#include "server/observe/observer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/observe/metrics.h"
#include "server/observe/process_reading.h"
#include "server/observe/server_reading.h"

namespace recur {
namespace {

constexpr char kIndex[] =
    "Recur\n"
    "\n"
    "/metrics  figures for Prometheus\n"
    "/healthz  200 while the process is up\n"
    "/readyz   200 while the server takes new work, else 503 and why\n";

HttpReply MetricsPage(Service* service,
                      const std::map<std::string, std::string>& build_labels) {
  ServerReading reading = ReadServer(service);
  reading.build_labels = build_labels;
  if (auto process = ReadProcess(); process.ok()) reading.process = *process;
  return {.content_type = "text/plain; version=0.0.4; charset=utf-8",
          .body = MetricsText(BuildMetrics(reading))};
}

HttpReply ReadyPage(const Service& service,
                    const std::function<absl::Status()>& more) {
  absl::Status status = Readiness(service);
  if (status.ok() && more) status = more();
  if (status.ok()) return {.body = "ready\n"};
  return {.code = 503, .body = absl::StrCat(status.message(), "\n")};
}

}  // namespace

absl::Status Readiness(const Service& service) {
  if (service.draining()) return absl::UnavailableError("draining");
  int loading = 0;
  int failed = 0;
  for (const ModelStatus& model : service.repository().List()) {
    if (model.state == ModelState::kReady) return absl::OkStatus();
    loading += model.state == ModelState::kLoading ? 1 : 0;
    failed += model.state == ModelState::kFailed ? 1 : 0;
  }
  return absl::UnavailableError(absl::StrFormat(
      "no model is ready; %d loading, %d failed", loading, failed));
}

std::map<std::string, HttpServer::Page> ObserverPages(
    Service* service, const ObserverOptions& options) {
  return {
      {"/", [] { return HttpReply{.body = kIndex}; }},
      {"/healthz", [] { return HttpReply{.body = "ok\n"}; }},
      {"/readyz",
       [service, ready = options.ready] { return ReadyPage(*service, ready); }},
      {"/metrics",
       [service, labels = options.build_labels] {
         return MetricsPage(service, labels);
       }},
  };
}

absl::StatusOr<std::unique_ptr<HttpServer>> StartObserver(
    Service* service, const ObserverOptions& options) {
  return HttpServer::Create({.address = options.address,
                             .port = options.port,
                             .pages = ObserverPages(service, options)});
}

}  // namespace recur
