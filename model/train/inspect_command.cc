#include "model/train/inspect_command.h"

#include <memory>
#include <string>

#include "model/train/model_description.h"
#include "model/train/model_version.h"

namespace recur {
namespace {

struct InspectCommand {
  std::string model;
  bool json = false;
};

absl::Status RunInspect(const InspectCommand& own, const Console& console) {
  auto found = FindModel(own.model);
  if (!found.ok()) return found.status();
  auto text = own.json ? ModelJson(found->name, found->model)
                       : ModelText(found->name, found->model);
  if (!text.ok()) return text.status();
  console.out << *text;
  return absl::OkStatus();
}

}  // namespace

std::function<absl::Status(const Console&)> AddInspectCommand(CLI::App* tool) {
  auto own = std::make_shared<InspectCommand>();
  CLI::App* command = tool->add_subcommand(
      "inspect",
      "Print what a model directory holds: the task, the network, "
      "what it takes and answers, sizes, weights, fingerprint");
  command
      ->add_option("model", own->model,
                   "REPOSITORY/NAME (its latest version) or "
                   "REPOSITORY/NAME/VERSION")
      ->required();
  command->add_flag("--json", own->json, "print JSON; \"spec\" is model.json");
  return [own](const Console& console) { return RunInspect(*own, console); };
}

}  // namespace recur
