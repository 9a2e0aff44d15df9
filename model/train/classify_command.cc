#include "model/train/classify_command.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "model/train/classify/classify_answers.h"
#include "model/train/classify/classify_data.h"
#include "model/train/classify/classify_examples.h"
#include "model/train/classify/classify_folds.h"
#include "model/train/classify/classify_plan.h"
#include "model/train/classify/classify_trainer.h"
#include "model/train/classify/score_classifier.h"
#include "model/train/classify_options.h"
#include "model/train/experiment.h"
#include "model/train/explain/input_shares.h"
#include "model/train/learning/serve_model.h"
#include "model/train/model_version.h"
#include "model/train/predictions.h"
#include "model/train/report/report.h"
#include "model/train/training_run.h"

namespace recur {
namespace {

struct ClassifyTask {
  using Command = ClassifyCommand;
  using Data = ClassifyData;
  using Plan = ClassifyPlan;

  static void Adopt(const Model& start, ClassifyCommand* own) {
    const NetworkSpec network = AdoptSizes(start, &own->options);
    own->settings.bidirectional = network.bidirectional;
    const ModelSpec& spec = start.spec;
    if (!spec.takes_text) return;
    own->settings.embedding_size = network.embedding_size;
    own->unit = spec.text.unit == TokenUnit::kWord ? "word" : "character";
    own->keep_case = !spec.text.lowercase;
  }

  static absl::StatusOr<ClassifyData> Read(const ClassifyCommand& own,
                                           uint64_t seed) {
    ClassifyDataOptions options = own.data;
    options.seed = seed;
    auto examples = ReadExamples(own.options.data, options);
    if (!examples.ok()) return examples.status();
    std::optional<LabelledExamples> test;
    if (!options.test_path.empty()) {
      auto read = ReadExamples(options.test_path, options);
      if (!read.ok()) return read.status();
      test = *std::move(read);
    }
    return MakeClassifyData(*std::move(examples), std::move(test), options);
  }

  static absl::StatusOr<ClassifyPlan> MakePlan(
      const ClassifyData& data, const ClassifySettings& settings) {
    return PlanClassifier(data, settings);
  }

  static absl::StatusOr<double> ValidationError(
      const ClassifyCommand& own, const Experiment<ClassifyTask>& tried) {
    auto examples =
        EncodeExamples(tried.plan.spec, tried.plan.vocabulary, tried.data);
    if (!examples.ok()) return examples.status();
    Progress silent(nullptr, false);
    auto training =
        TrainClassifier(tried.data, tried.plan, *examples, tried.training,
                        own.epochs.value_or(0), &silent);
    if (!training.ok()) return training.status();
    return training->validation_loss;
  }

  static void UsePart(int part, Experiment<ClassifyTask>* experiment) {
    // It draws what is held back of the examples to train on.
    experiment->training.seed += static_cast<uint64_t>(part);
  }
};

using Prepared = Experiment<ClassifyTask>;

absl::Status TestModel(const Prepared& prepared, const std::string& predictions,
                       const std::vector<ClassifyExample>& examples,
                       const Model& model, ClassificationReport* report) {
  auto servable = ServeModel(model);
  if (!servable.ok()) return servable.status();
  auto inputs = ClassifierInputShares(model, prepared.data);
  if (!inputs.ok()) return inputs.status();
  report->inputs = *std::move(inputs);
  if (!predictions.empty()) {
    const absl::Status written =
        WriteClasses(predictions, *servable, prepared.data, examples);
    if (!written.ok()) return written;
  }
  return ScoreClassifier(*servable, prepared.data, examples, report);
}

void TellPlan(const Prepared& prepared, const Console& console) {
  console.err << absl::StrFormat(
      "%s: %d %s to train on, %d for the test\n", prepared.data.path,
      prepared.data.train.size(),
      prepared.data.label_per_step ? "streams" : "examples",
      prepared.data.test.size());
  for (const std::string& reason : prepared.plan.reasons) {
    console.err << reason << "\n";
  }
}

// What the data look like, for the report.
std::vector<Fact> FactsOf(const ClassifyData& data,
                          const std::vector<ClassifyExample>& examples) {
  int64_t steps = 0;
  int shortest = std::numeric_limits<int>::max();
  int longest = 0;
  for (const ClassifyExample& example : examples) {
    steps += example.steps;
    shortest = std::min(shortest, example.steps);
    longest = std::max(longest, example.steps);
  }
  std::vector<Fact> facts = {
      {"kind", data.is_text()        ? "texts"
               : data.label_per_step ? "streams with a label at every step"
                                     : "sequences with a label each"},
      {"examples", absl::StrCat(examples.size())},
      {"steps",
       absl::StrFormat("%d, %d to %d in an example", steps, shortest, longest)},
      {"labels", absl::StrCat(data.labels.size())}};
  if (!data.is_text()) {
    facts.push_back({"columns", absl::StrJoin(data.columns, ", ")});
  }
  return facts;
}

absl::Status Validate(const ClassifyCommand& own,
                      const std::vector<ClassifyExample>& examples,
                      Progress* progress, const Console& console,
                      Prepared* prepared) {
  if (own.folds == 0) return absl::OkStatus();
  auto scores = CrossValidate(prepared->data, prepared->plan, examples,
                              prepared->training, own.epochs.value_or(0),
                              own.folds, progress);
  if (!scores.ok()) return scores.status();
  prepared->plan.reasons.push_back(FoldsText(*scores));
  console.err << FoldsText(*scores) << "\n";
  return absl::OkStatus();
}

TrainingSummary Summarize(const Prepared& prepared,
                          const std::vector<ClassifyExample>& examples,
                          const ClassifyTraining& training, double seconds) {
  const ClassifyData& data = prepared.data;
  TrainingSummary summary;
  summary.data = data.path;
  summary.train_rows = static_cast<int>(TruthOf(examples, data.train).size());
  summary.test_rows = static_cast<int>(TruthOf(examples, data.test).size());
  summary.seed = prepared.training.seed;
  summary.steps = training.steps;
  summary.seconds = seconds;
  summary.validation = training.validation_loss;
  summary.validation_name = "cross entropy";
  summary.facts = FactsOf(data, examples);
  summary.choices = prepared.plan.reasons;
  summary.curves = training.curves;
  if (training.trials.size() > 1) summary.trials = training.trials;
  return summary;
}

absl::Status RunClassify(ClassifyCommand own, const CLI::App& command,
                         const Console& console) {
  std::vector<std::string> files = {own.options.data};
  if (!own.data.test_path.empty()) files.push_back(own.data.test_path);
  auto run = TrainingRun::Begin(own.options, command, files);
  if (!run.ok()) return run.status();
  auto prepared = BeginExperiment<ClassifyTask>(console, run->get(), &own);
  if (!prepared.ok()) return prepared.status();
  auto examples = EncodeExamples(prepared->plan.spec, prepared->plan.vocabulary,
                                 prepared->data);
  if (!examples.ok()) return examples.status();
  if (!own.options.quiet) TellPlan(*prepared, console);
  Progress progress(own.options.quiet ? nullptr : &console.err,
                    console.terminal);
  const absl::Status validated =
      Validate(own, *examples, &progress, console, &*prepared);
  if (!validated.ok()) return validated;
  prepared->training.checkpoint = (*run)->checkpoint();
  const auto start = std::chrono::steady_clock::now();
  auto training =
      TrainClassifier(prepared->data, prepared->plan, *examples,
                      prepared->training, own.epochs.value_or(0), &progress);
  if (!training.ok()) return training.status();
  const std::chrono::duration<double> passed =
      std::chrono::steady_clock::now() - start;
  ClassificationReport report;
  report.training = Summarize(*prepared, *examples, *training, passed.count());
  if (!prepared->trials.empty())
    report.training.trials = std::move(prepared->trials);
  const absl::Status tested = TestModel(*prepared, own.options.predictions,
                                        *examples, training->model, &report);
  if (!tested.ok()) return tested;
  console.out << (own.options.json ? ClassificationJson(report)
                                   : ClassificationText(report));
  const absl::Status written =
      WriteNextVersion(own.options.out, training->model,
                       {{"metrics.json", ClassificationJson(report)},
                        {"report.html", ClassificationHtml(report)}},
                       console.err);
  if (!written.ok()) return written;
  return (*run)->Finish(console);
}

}  // namespace

std::function<absl::Status(const Console&)> AddClassifyCommand(CLI::App* tool) {
  auto own = std::make_shared<ClassifyCommand>();
  own->options.cell = "gru";
  own->options.hidden = 64;
  own->options.training.dropout = 0.4;
  own->options.training.patience = 10;
  CLI::App* command = tool->add_subcommand(
      "classify", "Train a model that labels texts or sequences");
  AddClassifyOptions(command, own.get());
  AddRunOptions(command, &own->options);
  return [own, command](const Console& console) {
    // A text's words say more at once than a sensor's values.
    const bool text = !own->data.text_column.empty();
    if (text && command->count("--hidden") == 0) own->options.hidden = 96;
    return RunClassify(*own, *command, console);
  };
}

}  // namespace recur
