#include "model/train/evaluate_command.h"

#include <memory>
#include <string>

#include "model/train/evaluation.h"
#include "model/train/model_version.h"
#include "model/train/output_file.h"
#include "model/train/report/report.h"

namespace recur {
namespace {

struct EvaluateCommand {
  std::string model;
  std::string data;
  std::string html;
  EvaluationOptions options;
  bool json = false;
};

void AddOptions(CLI::App* command, EvaluateCommand* own) {
  EvaluationOptions& options = own->options;
  command
      ->add_option("--model", own->model,
                   "REPOSITORY/NAME (its latest version) or "
                   "REPOSITORY/NAME/VERSION")
      ->required();
  command
      ->add_option("--data", own->data,
                   "CSV file with a header line and the model's columns; of "
                   "a classifier also a .ts file")
      ->required();
  command->add_option("--time", options.time, "column of times");
  command->add_option(
      "--series", options.series,
      "of a forecaster: column that tells several series apart; "
      "without it that by which the model knows its series, if "
      "it does");
  command->add_option("--test-rows", options.test_rows,
                      "of a forecaster: score the newest so many rows of each "
                      "series; "
                      "without it all but the first tenth, or as many as the "
                      "seasons need");
  command->add_option("--season", options.season,
                      "of a forecaster: season in steps of the seasonal naive "
                      "forecast and of MASE; without it a day, a week or a "
                      "year by the interval and the model's own seasons, and "
                      "1 for MASE");
  command->add_option("--text", options.text,
                      "of a classifier: column of texts");
  command->add_option("--sequence-id", options.sequence_id,
                      "of a classifier: column that tells which rows are one "
                      "sequence; without it all rows are one stream");
  command->add_option("--label", options.label,
                      "of a classifier: column of labels");
  command->add_flag("--label-per-step", options.label_per_step,
                    "of a classifier: every row has a label of its own");
  command->add_option("--html", own->html, "write a report page to this file");
  command->add_flag("--json", own->json, "print JSON instead of the table");
}

// Shows a report in the ways that were asked for.
template <typename Report>
absl::Status Show(const EvaluateCommand& own, const std::string& model,
                  absl::StatusOr<Report> report,
                  std::string (*text)(const Report&),
                  std::string (*json)(const Report&),
                  std::string (*html)(const Report&), const Console& console) {
  if (!report.ok()) return report.status();
  report->training.model = model;
  console.out << (own.json ? json(*report) : text(*report));
  if (own.html.empty()) return absl::OkStatus();
  return WriteOutputFile("--html", own.html, html(*report));
}

absl::Status RunEvaluate(const EvaluateCommand& own, const Console& console) {
  auto found = FindModel(own.model);
  if (!found.ok()) return found.status();
  if (found->model.spec.task == Task::kForecast) {
    return Show(own, found->name,
                EvaluateForecaster(found->model, own.data, own.options),
                ForecastText, ForecastJson, ForecastHtml, console);
  }
  return Show(
      own, found->name, EvaluateClassifier(found->model, own.data, own.options),
      ClassificationText, ClassificationJson, ClassificationHtml, console);
}

}  // namespace

std::function<absl::Status(const Console&)> AddEvaluateCommand(CLI::App* tool) {
  auto own = std::make_shared<EvaluateCommand>();
  CLI::App* command = tool->add_subcommand(
      "evaluate",
      "Score a saved model on other data, with the tables of training");
  AddOptions(command, own.get());
  return [own](const Console& console) { return RunEvaluate(*own, console); };
}

}  // namespace recur
