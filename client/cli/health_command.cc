#include <memory>
#include <string>

#include "client/cli/command.h"
#include "client/cli/json_output.h"

namespace recur::cli {

void AddHealth(CLI::App& app, Command* command) {
  auto service = std::make_shared<std::string>();
  CLI::App* sub = app.add_subcommand(
      "health",
      "Ask whether the server serves; exit code 0 if it does, else 1");
  sub->add_option("--service", *service,
                  "Ask for this service alone, such as recur.v1.Recur");
  sub->callback([service, command] {
    *command = [service](Environment& environment) {
      absl::Status status = environment.client.CheckHealth(*service);
      if (!status.ok()) return status;
      environment.out << (environment.json ? "{\"status\":\"SERVING\"}"
                                           : "SERVING")
                      << "\n";
      return absl::OkStatus();
    };
  });
}

}  // namespace recur::cli
