#include "model/train/explain_command.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "model/data/csv.h"
#include "model/train/explain/explain_data.h"
#include "model/train/explain/explainer.h"
#include "model/train/explain/explanation_text.h"
#include "model/train/explain/removal_check.h"
#include "model/train/model_version.h"

namespace recur {
namespace {

constexpr int kDraws = 20;
constexpr int kCheckedPart = 10;  // one in so many values is removed

struct ExplainCommand {
  std::string model;
  std::string data;
  ExplainDataOptions row;
  std::string target;
  int ahead = 0;
  bool check = false;
  bool json = false;
};

void AddOptions(CLI::App* command, ExplainCommand* own) {
  command
      ->add_option("--model", own->model,
                   "REPOSITORY/NAME (its latest version) or "
                   "REPOSITORY/NAME/VERSION")
      ->required();
  command
      ->add_option("--data", own->data,
                   "CSV file with a header line and the model's columns; of "
                   "inputs known ahead the last value stands in for what comes")
      ->required();
  command->add_option("--row", own->row.row,
                      "explain the answer after this row, counted from 1 "
                      "without the header; without it after the last");
  command->add_option("--time", own->row.time, "column of times");
  command->add_option("--sequence-id", own->row.sequence,
                      "column that tells sequences apart: only rows of the "
                      "same one come before --row; without it that by which "
                      "the model knows its series, if it does");
  command->add_option("--text", own->row.text, "column of texts");
  command->add_option("--target", own->target,
                      "of a forecast: the column forecast; without it the "
                      "first");
  command->add_option("--ahead", own->ahead,
                      "of a forecast: how many steps ahead; without it the "
                      "mean over the horizon");
  command->add_option("--steps", own->row.steps,
                      "explain at most so many of the steps before; without "
                      "it 200, or what the longest season needs");
  command->add_flag("--check", own->check,
                    "remove the tenth of the values with the largest "
                    "influence, and as many at random, and say how far the "
                    "answer moves");
  command->add_flag("--json", own->json, "print JSON, with every value");
}

// The number of the target among the model's.
absl::StatusOr<int> TargetOf(const ModelSpec& spec, const std::string& name) {
  std::vector<std::string> names;
  for (int column : spec.features.targets) {
    names.push_back(spec.features.columns[column].name);
  }
  const auto found = std::find(names.begin(), names.end(), name);
  if (name.empty()) return 0;
  if (found != names.end()) return static_cast<int>(found - names.begin());
  return absl::InvalidArgumentError(
      absl::StrFormat("--target is \"%s\"; the model forecasts %s", name,
                      absl::StrJoin(names, ", ")));
}

absl::Status CheckOptions(const ModelSpec& spec, const ExplainCommand& own) {
  const bool forecast = spec.task == Task::kForecast;
  if (!forecast && (!own.target.empty() || own.ahead != 0)) {
    return absl::InvalidArgumentError(
        "--target and --ahead are of forecasts; the model classifies");
  }
  if (own.ahead < 0 || own.ahead > spec.network.horizon) {
    return absl::InvalidArgumentError(
        absl::StrFormat("--ahead is %d; the model forecasts 1 to %d steps",
                        own.ahead, spec.network.horizon));
  }
  if (own.row.steps < 0) {
    return absl::InvalidArgumentError(
        absl::StrFormat("--steps is %d; it must be 1 or more", own.row.steps));
  }
  if (spec.takes_text && own.row.text.empty()) {
    return absl::InvalidArgumentError(
        "--text is missing: the model takes texts; name their column");
  }
  if (spec.features.calendar.Any() && own.row.time.empty()) {
    return absl::InvalidArgumentError(
        "--time is missing: the model has a calendar; name the column of "
        "times");
  }
  return absl::OkStatus();
}

absl::Status RunExplain(const ExplainCommand& own, const Console& console) {
  auto found = FindModel(own.model);
  if (!found.ok()) return found.status();
  const ModelSpec& spec = found->model.spec;
  if (auto s = CheckOptions(spec, own); !s.ok()) return s;
  auto explainer = Explainer::Create(found->model);
  if (!explainer.ok()) return explainer.status();
  auto table = CsvTable::Read(own.data);
  if (!table.ok()) return table.status();
  auto asked = ReadExplainedRow(*table, explainer->servable(), own.row);
  if (!asked.ok()) return asked.status();
  if (spec.task == Task::kForecast) {
    auto target = TargetOf(spec, own.target);
    if (!target.ok()) return target.status();
    asked->question.target = *target;
    asked->question.ahead = own.ahead;
  }
  auto explanation = explainer->Explain(asked->question);
  if (!explanation.ok()) return explanation.status();
  ExplainedAnswer answer{found->name, own.data, *std::move(asked),
                         *std::move(explanation)};
  if (own.check) {
    const int values = answer.explanation.steps * explainer->value_columns();
    auto check =
        CheckByRemoval(&*explainer, answer.asked.question, answer.explanation,
                       std::max(1, values / kCheckedPart), kDraws, 0);
    if (!check.ok()) return check.status();
    answer.check = *check;
  }
  console.out << (own.json ? ExplanationJson(spec, answer)
                           : ExplanationText(spec, answer));
  return absl::OkStatus();
}

}  // namespace

std::function<absl::Status(const Console&)> AddExplainCommand(CLI::App* tool) {
  auto own = std::make_shared<ExplainCommand>();
  CLI::App* command = tool->add_subcommand(
      "explain",
      "Say which inputs and steps moved an answer (gradient x input)");
  AddOptions(command, own.get());
  return [own](const Console& console) { return RunExplain(*own, console); };
}

}  // namespace recur
