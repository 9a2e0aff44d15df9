#include "server/app/run_server.h"

#include <spdlog/spdlog.h>

#include <cstring>
#include <memory>
#include <string>

#include "server/app/grpc_log.h"
#include "server/app/server_app.h"
#include "server/app/stop_signals.h"
#include "server/app/thread_scheduling.h"
#include "server/observe/log.h"

namespace recur {
namespace {

int CannotStart(const absl::Status& status) {
  spdlog::critical("cannot start: {}", std::string(status.message()));
  return 1;
}

absl::Status StartLog(const ServerOptions& options) {
  const auto format = ParseLogFormat(options.log_format);
  if (!format.ok()) return format.status();
  auto status = ConfigureLog(options.log_level, *format);
  if (status.ok()) SendGrpcLogToOurs();
  return status;
}

}  // namespace

int RunServer(const ServerOptions& options) {
  if (auto status = StartLog(options); !status.ok()) return CannotStart(status);
  WaitTurnsWhenWoken();
  auto app = ServerApp::Create(options);
  if (!app.ok()) return CannotStart(app.status());
  if (auto status = (*app)->Start(); !status.ok()) return CannotStart(status);
  const int signal = WaitForStopSignal();
  spdlog::info("{}: stopping; the same again to leave at once",
               strsignal(signal));
  // It outlives main's use of it, for the thread may come late.
  const std::shared_ptr<ServerApp> kept = *std::move(app);
  LeaveAtOnceOnNextSignal([kept] { kept->CommitNow(); });
  kept->Drain();
  kept->Stop();
  spdlog::info("stopped");
  return 0;
}

}  // namespace recur
