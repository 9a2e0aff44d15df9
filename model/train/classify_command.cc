#include "model/train/classify_command.h"

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "model/data/csv.h"
#include "model/format/model_directory.h"
#include "model/train/classify_data.h"
#include "model/train/classify_examples.h"
#include "model/train/classify_plan.h"
#include "model/train/classify_trainer.h"
#include "model/train/command_options.h"
#include "model/train/input_shares.h"
#include "model/train/model_version.h"
#include "model/train/report.h"
#include "model/train/score_classifier.h"
#include "model/train/serve_model.h"

namespace recur {
namespace {

struct ClassifyCommand {
  CommandOptions options;
  ClassifyDataOptions data;
  ClassifySettings settings;
  std::string unit = "word";
  std::string head = "softmax";
  bool keep_case = false;
};

void AddColumns(CLI::App* command, ClassifyCommand* own) {
  auto* text = command->add_option("--text", own->data.text_column,
                                   "column of texts, one example per row");
  auto* id = command->add_option(
      "--sequence-id", own->data.id_column,
      "column that tells which rows are one sequence, instead of --text");
  id->excludes(text);
  command->add_option("--label", own->data.label_column, "column of labels")
      ->required();
  command
      ->add_option("--features", own->data.features,
                   "columns of a sequence; without it all others")
      ->delimiter(',');
  command->add_option("--time", own->data.time_column,
                      "column of a sequence's times");
  command
      ->add_option("--test", own->data.test,
                   "part of each label's examples kept for the test")
      ->capture_default_str();
  command->add_option("--test-rows", own->data.test_examples,
                      "or exactly the last so many examples of the file");
}

void AddModel(CLI::App* command, ClassifyCommand* own) {
  ClassifySettings& settings = own->settings;
  command
      ->add_option("--head,--loss", own->head,
                   "softmax, or sigmoid for two labels")
      ->capture_default_str();
  command->add_flag("--bidirectional", settings.bidirectional,
                    "read each sequence in both directions; such a model "
                    "cannot hold sessions");
  command->add_option("--unit", own->unit, "of text: word or character")
      ->capture_default_str();
  command->add_flag("--keep-case", own->keep_case,
                    "tell upper from lower case in texts");
  command
      ->add_option("--embedding", settings.embedding_size,
                   "size of a word's vector")
      ->capture_default_str();
  command
      ->add_option("--min-count", settings.min_count,
                   "a word seen less often is unknown")
      ->capture_default_str();
  command
      ->add_option("--word-dropout", settings.word_dropout,
                   "part of the words made unknown in training")
      ->capture_default_str();
  command
      ->add_option("--epochs", own->options.max_epochs,
                   "at most so many passes over the examples")
      ->capture_default_str();
}

struct Prepared {
  ClassifyData data;
  ClassifyPlan plan;
  TrainingOptions training;
};

absl::Status CheckWords(const ClassifyCommand& own) {
  if (own.unit != "word" && own.unit != "character") {
    return absl::InvalidArgumentError(absl::StrFormat(
        "--unit is \"%s\"; it must be word or character", own.unit));
  }
  if (own.head != "softmax" && own.head != "sigmoid") {
    return absl::InvalidArgumentError(absl::StrFormat(
        "--head is \"%s\"; it must be softmax or sigmoid", own.head));
  }
  if (own.data.text_column.empty() && own.data.id_column.empty()) {
    return absl::InvalidArgumentError(
        "neither --text nor --sequence-id is given; name the column of the "
        "texts, or the one that tells sequences apart");
  }
  const bool of_sequences =
      !own.data.features.empty() || !own.data.time_column.empty();
  if (!own.data.text_column.empty() && of_sequences) {
    return absl::InvalidArgumentError(
        "--features and --time are columns of sequences; --text takes neither");
  }
  return absl::OkStatus();
}

absl::StatusOr<ClassifySettings> SettingsOf(const ClassifyCommand& own) {
  if (auto s = CheckWords(own); !s.ok()) return s;
  ClassifySettings settings = own.settings;
  auto cell = CellOf(own.options);
  if (!cell.ok()) return cell.status();
  settings.cell = *cell;
  settings.hidden_size = own.options.hidden;
  settings.layers = own.options.layers;
  settings.head = own.head == "sigmoid" ? Head::kSigmoid : Head::kSoftmax;
  settings.text.unit =
      own.unit == "word" ? TokenUnit::kWord : TokenUnit::kCharacter;
  settings.text.lowercase = !own.keep_case;
  settings.calendar = !own.options.no_calendar;
  settings.utc_offset_minutes = own.options.utc_offset_minutes;
  return settings;
}

absl::StatusOr<Prepared> Prepare(const ClassifyCommand& own) {
  auto training = TrainingOf(own.options);
  if (!training.ok()) return training.status();
  auto precision = PrecisionOf(own.options);
  if (!precision.ok()) return precision.status();
  auto settings = SettingsOf(own);
  if (!settings.ok()) return settings.status();
  auto table = CsvTable::Read(own.options.data);
  if (!table.ok()) return table.status();
  ClassifyDataOptions options = own.data;
  options.seed = training->seed;
  auto data = MakeClassifyData(*table, options);
  if (!data.ok()) return data.status();
  auto plan = PlanClassifier(*data, *settings);
  if (!plan.ok()) return plan.status();
  plan->spec.precision = *precision;
  return Prepared{*std::move(data), *std::move(plan), *std::move(training)};
}

absl::Status TestModel(const Prepared& prepared,
                       const std::vector<ClassifyExample>& examples,
                       const Model& model, ClassificationReport* report) {
  auto servable = ServeModel(model);
  if (!servable.ok()) return servable.status();
  auto inputs = ClassifierInputShares(model, prepared.data);
  if (!inputs.ok()) return inputs.status();
  report->inputs = *std::move(inputs);
  return ScoreClassifier(*servable, prepared.data, examples, report);
}

void TellPlan(const Prepared& prepared, const Console& console) {
  console.err << absl::StrFormat(
      "%s: %d examples to train on, %d for the test\n", prepared.data.path,
      prepared.data.train.size(), prepared.data.test.size());
  for (const std::string& reason : prepared.plan.reasons) {
    console.err << reason << "\n";
  }
}

absl::Status Write(const ClassifyCommand& own, const Model& model,
                   const ClassificationReport& report, const Console& console) {
  if (own.options.out.empty()) return absl::OkStatus();
  auto directory = NextVersion(own.options.out);
  if (!directory.ok()) return directory.status();
  const absl::Status status =
      WriteModel(model, *directory,
                 {{"metrics.json", ClassificationJson(report)},
                  {"report.html", ClassificationHtml(report)}});
  if (status.ok()) console.err << "wrote " << directory->string() << "\n";
  return status;
}

absl::Status RunClassify(const ClassifyCommand& own, const Console& console) {
  auto prepared = Prepare(own);
  if (!prepared.ok()) return prepared.status();
  const ClassifyPlan& plan = prepared->plan;
  auto examples = EncodeExamples(plan.spec, plan.vocabulary, prepared->data);
  if (!examples.ok()) return examples.status();
  if (!own.options.quiet) TellPlan(*prepared, console);
  Progress progress(own.options.quiet ? nullptr : &console.err,
                    console.terminal);
  const auto start = std::chrono::steady_clock::now();
  auto training =
      TrainClassifier(prepared->data, plan, *examples, prepared->training,
                      own.options.max_epochs, &progress);
  if (!training.ok()) return training.status();
  const std::chrono::duration<double> passed =
      std::chrono::steady_clock::now() - start;
  ClassificationReport report;
  report.training = {
      .data = prepared->data.path,
      .train_rows = static_cast<int>(prepared->data.train.size()),
      .test_rows = static_cast<int>(prepared->data.test.size()),
      .seed = prepared->training.seed,
      .steps = training->steps,
      .seconds = passed.count(),
      .validation = training->validation_loss,
      .choices = plan.reasons};
  const absl::Status tested =
      TestModel(*prepared, *examples, training->model, &report);
  if (!tested.ok()) return tested;
  console.out << (own.options.json ? ClassificationJson(report)
                                   : ClassificationText(report));
  return Write(own, training->model, report, console);
}

}  // namespace

std::function<absl::Status(const Console&)> AddClassifyCommand(CLI::App* tool) {
  auto own = std::make_shared<ClassifyCommand>();
  own->options.max_epochs = 100;
  own->options.training.patience = 10;
  CLI::App* command = tool->add_subcommand(
      "classify", "Train a model that labels texts or sequences");
  AddColumns(command, own.get());
  AddModel(command, own.get());
  AddCommandOptions(command, &own->options);
  return [own](const Console& console) { return RunClassify(*own, console); };
}

}  // namespace recur
