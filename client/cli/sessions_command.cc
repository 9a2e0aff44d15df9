#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/command.h"
#include "client/cli/json_output.h"
#include "client/cli/table.h"

namespace recur::cli {
namespace {

struct Args {
  std::string model;
  std::string id;
};

// `model` is the one that was asked for, or empty.
void Print(const std::vector<client::SessionInfo>& sessions,
           const std::string& model, Environment& environment) {
  if (environment.json) {
    for (const auto& session : sessions) {
      environment.out << JsonLine(ToJson(session)) << "\n";
    }
    return;
  }
  if (sessions.empty()) {
    environment.out << absl::StrCat(
        "No sessions ",
        model.empty() ? "" : absl::StrCat("of model \"", model, "\" "),
        "are open.\n");
    return;
  }
  Table table({{"session"},
               {"model"},
               {"version", true},
               {"step", true},
               {"durable", true},
               {"durability"},
               {"state", true},
               {"expires in", true},
               {""}});
  for (const client::SessionInfo& session : sessions) {
    const bool durable = session.durability == client::Durability::kLocal ||
                         session.durability == client::Durability::kShared;
    table.AddRow(
        {session.session_id, session.model, absl::StrCat(session.version),
         absl::StrCat(session.applied_step),
         durable ? absl::StrCat(session.durable_step) : "-",
         DurabilityName(session.durability), FormatBytes(session.state_bytes),
         FormatSeconds(session.expires_in.count()),
         session.warming_up ? "warming up" : ""});
  }
  environment.out << table.ToString();
}

absl::Status List(const Args& args, Environment& environment) {
  const auto sessions = environment.client.ListSessions(args.model);
  if (!sessions.ok()) return sessions.status();
  Print(*sessions, args.model, environment);
  return absl::OkStatus();
}

absl::Status Get(const Args& args, Environment& environment) {
  const auto session = environment.client.GetSession(args.id);
  if (!session.ok()) return session.status();
  Print({*session}, "", environment);
  return absl::OkStatus();
}

absl::Status Close(const Args& args, Environment& environment) {
  const auto step = environment.client.CloseSession(args.id);
  if (!step.ok()) return step.status();
  if (environment.json) {
    environment.out << JsonLine(
                           {{"session_id", args.id}, {"applied_step", *step}})
                    << "\n";
  } else {
    // Of a session that was closed before no step is known.
    environment.out << absl::StrCat(
        "Closed \"", args.id, "\"",
        *step == 0 ? "" : absl::StrCat(" after step ", *step), ".\n");
  }
  return absl::OkStatus();
}

}  // namespace

void AddSessions(CLI::App& app, Command* command) {
  auto args = std::make_shared<Args>();
  CLI::App* sub = app.add_subcommand(
      "sessions", "List the server's sessions, look at one, or close one");
  const auto bind = [args,
                     command](absl::Status (*run)(const Args&, Environment&)) {
    return [args, command, run] {
      *command = [args, run](Environment& environment) {
        return run(*args, environment);
      };
    };
  };
  CLI::App* list =
      sub->add_subcommand("list", "List sessions; what `sessions` alone does");
  for (CLI::App* lister : {sub, list}) {
    lister->add_option("--model", args->model, "Only those of this model");
  }
  CLI::App* get = sub->add_subcommand("get", "Tell about one session");
  get->add_option("id", args->id, "Id of the session")->required();
  CLI::App* close = sub->add_subcommand(
      "close", "Close a session; closing a closed one is no error");
  close->add_option("id", args->id, "Id of the session")->required();
  sub->require_subcommand(0, 1);
  list->callback(bind(List));
  get->callback(bind(Get));
  close->callback(bind(Close));
  // Runs after the callback of a subcommand of its own, if one was named.
  sub->callback([sub, bind] {
    if (sub->get_subcommands().empty()) bind(List)();
  });
  for (CLI::App* child : {list, get, close}) child->fallthrough();
}

}  // namespace recur::cli
