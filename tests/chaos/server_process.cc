#include "tests/chaos/server_process.h"

#include <signal.h>

#include <chrono>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/load/http_get.h"

namespace recur::chaos {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{30};
constexpr std::chrono::milliseconds kGlance{2};

}  // namespace

ServerProcess::ServerProcess(Options options)
    : options_(std::move(options)),
      port_(FreePort()),
      http_port_(FreePort()),
      process_(options_.log) {}

absl::Status ServerProcess::Start() {
  auto started = process_.Start(
      {options_.binary, "--models", options_.models.string(), "--listen",
       Loopback(port_), "--http", Loopback(http_port_), "--store",
       options_.store, "--model-poll-seconds", "0"});
  if (!started.ok()) return started;
  const Clock::time_point end = Clock::now() + kPatience;
  while (!absl::StrContains(process_.LogOfThisLife(), "serves gRPC on")) {
    if (process_.Ended()) {
      return absl::InternalError(absl::StrCat("recur-server does not start: ",
                                              process_.LogOfThisLife()));
    }
    if (Clock::now() > end) {
      return absl::DeadlineExceededError(absl::StrCat(
          "recur-server does not serve: ", process_.LogOfThisLife()));
    }
    std::this_thread::sleep_for(kGlance);
  }
  return absl::OkStatus();
}

absl::Status ServerProcess::Drain() {
  process_.Signal(SIGTERM);
  return process_.AwaitExit(kPatience);
}

absl::StatusOr<double> ServerProcess::StoreRows(
    absl::string_view outcome) const {
  return Count("recur_store_rows_total", outcome);
}

absl::StatusOr<double> ServerProcess::AppliedSteps() const {
  return Count("recur_steps_total", "applied");
}

absl::StatusOr<double> ServerProcess::Count(absl::string_view metric,
                                            absl::string_view outcome) const {
  const auto text =
      load::HttpGet(absl::StrCat("http://", Loopback(http_port_), "/metrics"),
                    std::chrono::seconds(5));
  if (!text.ok()) return text.status();
  const std::string name = absl::StrCat(metric, "{outcome=\"", outcome, "\"} ");
  const size_t found = text->find(name);
  double value = 0;
  if (found == text->npos ||
      !absl::SimpleAtod(absl::string_view(*text).substr(
                            found + name.size(),
                            text->find('\n', found) - found - name.size()),
                        &value)) {
    return absl::NotFoundError(absl::StrCat("no metric ", name));
  }
  return value;
}

}  // namespace recur::chaos
