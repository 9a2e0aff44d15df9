#include "model/train/train_tool.h"

#include <functional>
#include <map>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "model/network/onednn/onednn_engine.h"
#include "model/train/classify_command.h"
#include "model/train/evaluate_command.h"
#include "model/train/explain_command.h"
#include "model/train/forecast_command.h"
#include "model/train/inspect_command.h"

namespace recur {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

using Command = std::function<absl::Status(const Console&)>;

constexpr char kFooter[] = R"(Examples:
  recur-train forecast --data weather.csv --time date --target temp_max \
    --features precipitation,temp_min,wind --horizon 7 --out models/weather
  recur-train forecast --data sites.csv --series site --time hour \
    --target load --horizon 24 --out models/sites
  recur-train classify --data log.csv --text line --label kind \
    --out models/log
  recur-train classify --data days.csv --sequence-id id --time date \
    --label weather --out models/days
  recur-train classify --data Pumps_TRAIN.ts --test-data Pumps_TEST.ts
  recur-train classify --data sensors.csv --time date --label occupied \
    --label-per-step --out models/occupancy
  recur-train evaluate --model models/weather --data new.csv --time date \
    --html new.html
  recur-train inspect models/weather
  recur-train explain --model models/weather --data new.csv --time date \
    --row 100

Exit codes: 0 all is well, 1 an error, 2 a wrong command line.)";

// CLI11 reports by exceptions; nothing else of them leaves this file.
int Parse(CLI::App* app, int argc, const char* const* argv,
          const Console& console) {
  try {
    app->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool asked = error.get_exit_code() == 0;  // for help
    if (asked) return app->exit(error, console.out, console.err);
    std::string called = "recur-train";
    for (const CLI::App* sub : app->get_subcommands()) {
      called += " " + sub->get_name();
    }
    console.err << "recur-train: " << error.what() << "\n`" << called
                << " --help` tells how it is called.\n";
    return kUsage;
  }
  return -1;
}

}  // namespace

int RunTrainTool(int argc, const char* const* argv, const Console& console) {
  UseOneThreadPerCall();
  CLI::App app("Trains recurrent networks for recur-server.", "recur-train");
  app.footer(kFooter);
  app.require_subcommand(1);
  const std::map<std::string, Command> commands = {
      {"forecast", AddForecastCommand(&app)},
      {"classify", AddClassifyCommand(&app)},
      {"evaluate", AddEvaluateCommand(&app)},
      {"inspect", AddInspectCommand(&app)},
      {"explain", AddExplainCommand(&app)}};
  const int parsed = Parse(&app, argc, argv, console);
  if (parsed >= 0) return parsed;
  const std::string asked = app.get_subcommands().front()->get_name();
  const absl::Status status = commands.at(asked)(console);
  if (status.ok()) return 0;
  console.err << "recur-train: " << std::string(status.message()) << "\n";
  return kFailed;
}

}  // namespace recur
