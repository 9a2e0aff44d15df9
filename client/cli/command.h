// What the commands of `recur` share: where they read and write, the client,
// and how each joins the command line.
#ifndef RECUR_CLIENT_CLI_COMMAND_H_
#define RECUR_CLIENT_CLI_COMMAND_H_

#include <CLI/CLI.hpp>
#include <functional>
#include <istream>
#include <ostream>

#include "absl/status/status.h"
#include "client/sdk/client.h"

namespace recur::cli {

struct Environment {
  std::istream& in;
  std::ostream& out;
  bool json = false;  // one JSON object per line instead of text for people
  client::Client& client;
};

using Command = std::function<absl::Status(Environment&)>;

// A status that means "called wrongly": exit code 2.
absl::Status UsageError(absl::string_view message);

// Checks of options: a whole number of 1 or more; a number above 0.
CLI::Validator AtLeastOne();
CLI::Validator AboveZero();

// Each adds a subcommand; when it was named, parsing sets *command.
void AddModels(CLI::App& app, Command* command);
void AddClassify(CLI::App& app, Command* command);
void AddForecast(CLI::App& app, Command* command);
void AddStream(CLI::App& app, Command* command);
void AddSessions(CLI::App& app, Command* command);
void AddHealth(CLI::App& app, Command* command);

}  // namespace recur::cli

#endif  // RECUR_CLIENT_CLI_COMMAND_H_
