#include "client/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/cli/command.h"
#include "client/cli/json_output.h"
#include "model/spec/error_reason.h"

namespace recur::cli {
namespace {

constexpr int kError = 1;
constexpr int kUsage = 2;

struct Globals {
  std::string server = "127.0.0.1:8001";
  double timeout_seconds = 30.0;
  bool json = false;
  std::string called = "recur";  // with the subcommand, for messages
};

constexpr char kFooter[] = R"(Examples:
  recur models
  recur classify --model logs "pump 3 lost pressure"
  recur forecast --model weather --csv seattle_weather.csv
  recur forecast --model weather --csv seattle_weather.csv --backtest 52
  recur stream --model weather --csv seattle_weather.csv --last 30 --plot
  sensor | recur stream --model weather --csv - --session roof-1 --keep
  recur sessions get roof-1

`recur COMMAND --help` tells more about a command.
Exit codes: 0 all is well, 1 an error, 2 a wrong command line.)";

void AddGlobals(CLI::App& app, Globals* globals) {
  app.add_option("--server", globals->server, "host:port of recur-server")
      ->envname("RECUR_SERVER")
      ->capture_default_str();
  app.add_option("--timeout", globals->timeout_seconds,
                 "Seconds that one call may take")
      ->envname("RECUR_TIMEOUT")
      ->check(CLI::Range(0.001, 86'400.0))
      ->capture_default_str();
  app.add_flag("--json", globals->json,
               "Print JSON, one object per line, for programs");
}

absl::StatusOr<client::Client> MakeClient(const Globals& globals) {
  const std::chrono::milliseconds timeout(
      static_cast<int64_t>(globals.timeout_seconds * 1000));
  // A person waits: a server that restarts is given a second, no more.
  return client::Client::Create(
      {.target = globals.server,
       .timeout = timeout,
       .retry = {.budget = std::chrono::milliseconds(1'000)}});
}

std::string Explain(const absl::Status& status, const Globals& globals) {
  const bool transport = !ReasonOf(status).has_value();
  if (transport && status.code() == absl::StatusCode::kUnavailable) {
    return absl::StrFormat(
        "cannot reach recur-server at %s: is it running? (%s)", globals.server,
        status.message());
  }
  if (status.message().empty()) {
    return absl::StrCat("the call failed: ",
                        absl::StatusCodeToString(status.code()));
  }
  if (transport && status.code() == absl::StatusCode::kDeadlineExceeded) {
    return absl::StrFormat("no answer from recur-server at %s within %g s",
                           globals.server, globals.timeout_seconds);
  }
  return std::string(status.message());
}

std::string HelpHint(const Globals& globals) {
  return absl::StrCat("`", globals.called, " --help` tells how it is called.");
}

std::string CommandNames(const CLI::App& app) {
  return absl::StrJoin(
      app.get_subcommands([](const CLI::App*) { return true; }), ", ",
      [](std::string* out, const CLI::App* sub) {
        absl::StrAppend(out, sub->get_name());
      });
}

// What CLI11 found wrong. Where no command is known it knows no better than
// that one is required.
std::string Explain(const CLI::ParseError& error, const CLI::App& app) {
  if (!app.get_subcommands().empty()) return error.what();
  for (const std::string& word : app.remaining()) {
    if (absl::StartsWith(word, "-")) continue;
    return absl::StrFormat("there is no command \"%s\"; there are: %s", word,
                           CommandNames(app));
  }
  if (dynamic_cast<const CLI::RequiredError*>(&error) == nullptr) {
    return error.what();
  }
  return absl::StrCat("a command is needed: ", CommandNames(app));
}

int ReportParse(const CLI::ParseError& error, const CLI::App& app,
                const Globals& globals, std::ostream& out, std::ostream& err) {
  const bool asked = error.get_exit_code() == 0;  // for help
  if (asked) return app.exit(error, out, err);
  err << "recur: " << Explain(error, app) << "\n"
      << HelpHint(globals) << std::endl;
  return kUsage;
}

int Report(const absl::Status& status, const Globals& globals,
           std::ostream& err) {
  if (status.ok()) return 0;
  const bool usage = ReasonOf(status) == "usage";
  if (globals.json) {
    err << JsonLine(ToJson(status)) << std::endl;
  } else {
    err << "recur: " << Explain(status, globals) << std::endl;
    for (const auto& [key, value] : DetailsOf(status)) {
      if (key != "kept_session") continue;
      err << "The session is kept: `--session " << value
          << "` goes on with it, `recur sessions close " << value
          << "` ends it." << std::endl;
    }
    if (usage) err << HelpHint(globals) << std::endl;
  }
  return usage ? kUsage : kError;
}

}  // namespace

absl::Status UsageError(absl::string_view message) {
  return ErrorWithReason(absl::StatusCode::kInvalidArgument, "usage", message);
}

CLI::Validator AtLeastOne() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        int64_t number = 0;
        if (absl::SimpleAtoi(text, &number) && number >= 1) return "";
        return absl::StrCat(text, " is not a whole number of 1 or more");
      },
      "1 OR MORE");
}

CLI::Validator AboveZero() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        double number = 0;
        if (absl::SimpleAtod(text, &number) && number > 0) return "";
        return absl::StrCat(text, " is not a number above 0");
      },
      "ABOVE 0");
}

int Run(int argc, const char* const* argv, std::istream& in, std::ostream& out,
        std::ostream& err) {
  CLI::App app(
      "recur: talks to a recur-server, which serves recurrent networks that "
      "remember.");
  Globals globals;
  Command command;
  AddGlobals(app, &globals);
  AddModels(app, &command);
  AddClassify(app, &command);
  AddForecast(app, &command);
  AddStream(app, &command);
  AddSessions(app, &command);
  AddHealth(app, &command);
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(kFooter);
  for (CLI::App* sub : app.get_subcommands({})) sub->fallthrough();
  const auto note_command = [&] {
    for (const CLI::App* sub : app.get_subcommands()) {
      absl::StrAppend(&globals.called, " ", sub->get_name());
    }
  };
  try {
    app.parse(argc, argv);
    note_command();
  } catch (const CLI::ParseError& error) {
    note_command();
    return ReportParse(error, app, globals, out, err);
  }
  absl::StatusOr<client::Client> client = MakeClient(globals);
  if (!client.ok()) return Report(client.status(), globals, err);
  Environment environment{in, out, globals.json, *client};
  return Report(command(environment), globals, err);
}

}  // namespace recur::cli
