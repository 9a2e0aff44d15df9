#include "model/train/classify_trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/train/early_stopping.h"
#include "model/train/initial_weights.h"
#include "model/train/learner.h"
#include "model/train/serve_model.h"

namespace recur {
namespace {

constexpr int kLeastStepsBetweenLooks = 8;
constexpr int kLeastSteps = 200;  // small sets often begin with a plateau
constexpr double kLeastProbability = 1e-7;  // an answer is a float

struct Run {
  const ClassifyData& data;
  const ClassifyPlan& plan;
  const std::vector<ClassifyExample>& examples;
  const TrainingOptions& options;
  Progress& progress;
};

// A learner and the order in which it sees its examples.
struct Phase {
  Learner learner;
  std::vector<int> order;
  Random random;
  size_t next = 0;
  SequenceBatch batch;
  std::vector<float> targets;
  double loss = 0.0;
};

int StepsPerEpoch(const Run& run, size_t examples) {
  return static_cast<int>((examples + run.options.batch - 1) /
                          run.options.batch);
}

absl::StatusOr<Phase> StartPhase(const Run& run, std::vector<int> examples) {
  const NetworkSpec& network = run.plan.spec.network;
  LearnerOptions options;
  options.loss.kind =
      network.head == Head::kSigmoid ? LossKind::kSigmoid : LossKind::kSoftmax;
  options.loss.classes = network.classes;
  options.optimizer = run.options.optimizer;
  options.dropout = static_cast<float>(run.options.dropout);
  options.seed = run.options.seed;
  auto learner = Learner::Create(
      network, InitialWeights(network, {}, run.options.seed), options);
  if (!learner.ok()) return learner.status();
  const size_t end = examples.size();
  return Phase{*std::move(learner), std::move(examples),
               Random(run.options.seed + 1), end};
}

absl::Status StepOnce(const Run& run, Phase* phase) {
  if (phase->next >= phase->order.size()) {
    phase->random.Shuffle(&phase->order);
    phase->next = 0;
  }
  const size_t count =
      std::min<size_t>(run.options.batch, phase->order.size() - phase->next);
  MakeBatch(run.examples,
            absl::MakeConstSpan(phase->order).subspan(phase->next, count),
            run.plan.spec.network.input_size, run.plan.word_dropout,
            &phase->random, &phase->batch, &phase->targets);
  phase->next += count;
  auto loss = phase->learner.Step(phase->batch, phase->targets);
  if (!loss.ok()) return loss.status();
  phase->loss = *loss;
  return absl::OkStatus();
}

absl::StatusOr<double> ValidationLoss(const Run& run, const Phase& phase,
                                      absl::Span<const int> chosen) {
  auto servable = ServeModel(
      {run.plan.spec, phase.learner.averaged(), run.plan.vocabulary});
  if (!servable.ok()) return servable.status();
  auto answers = ClassifyExamples(*servable, run.examples, chosen);
  if (!answers.ok()) return answers.status();
  double sum = 0.0;
  for (size_t i = 0; i < chosen.size(); ++i) {
    const int truth = run.data.truth[chosen[i]];
    sum -= std::log(std::max<double>((*answers)[i].probabilities[truth],
                                     kLeastProbability));
  }
  return sum / static_cast<double>(chosen.size());
}

// Cuts the validation part out of the training examples.
absl::StatusOr<ExampleSplit> HoldBack(const Run& run) {
  std::vector<std::string> labels;
  for (int example : run.data.train) {
    labels.push_back(run.data.LabelOf(example));
  }
  auto split =
      SplitExamples(labels, run.options.validation, 0.0, run.options.seed);
  if (!split.ok()) {
    return absl::Status(
        split.status().code(),
        absl::StrCat(run.data.path, ": ", split.status().message()));
  }
  if (split->validation.empty()) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: %d examples of %d labels are too few to hold back --validation "
        "%g; use more examples per label, or --validation 0 and --epochs",
        run.data.path, labels.size(), run.data.labels.size(),
        run.options.validation));
  }
  for (std::vector<int>* part : {&split->train, &split->validation}) {
    for (int& index : *part) index = run.data.train[index];
  }
  return split;
}

struct Search {
  EarlyStopping stopping;
  Weights best;
  int steps = 0;
  size_t examples = 0;  // that it trained on
};

absl::StatusOr<Search> SearchSteps(const Run& run, int max_epochs) {
  auto split = HoldBack(run);
  if (!split.ok()) return split.status();
  auto phase = StartPhase(run, split->train);
  if (!phase.ok()) return phase.status();
  const int epoch = StepsPerEpoch(run, split->train.size());
  const int cap = max_epochs * epoch;
  const int stride = std::max(epoch, kLeastStepsBetweenLooks);
  Search search{EarlyStopping(run.options.patience, kLeastSteps)};
  search.examples = split->train.size();
  double error = std::numeric_limits<double>::quiet_NaN();
  run.progress.Start("searching", "validation");
  while (search.steps < cap && !search.stopping.ShouldStop()) {
    if (auto s = StepOnce(run, &*phase); !s.ok()) return s;
    ++search.steps;
    if (search.steps % stride == 0 || search.steps == cap) {
      auto loss = ValidationLoss(run, *phase, split->validation);
      if (!loss.ok()) return loss.status();
      error = *loss;
      if (search.stopping.Add(search.steps, error)) {
        search.best = phase->learner.averaged();
      }
    }
    run.progress.Update({search.steps, cap, phase->loss, error});
  }
  run.progress.Finish();
  return search;
}

absl::Status TrainOnAll(const Run& run, int steps, ClassifyTraining* training) {
  auto phase = StartPhase(run, run.data.train);
  if (!phase.ok()) return phase.status();
  run.progress.Start("training", "");
  for (int step = 1; step <= steps; ++step) {
    if (auto s = StepOnce(run, &*phase); !s.ok()) return s;
    run.progress.Update({step, steps, phase->loss});
  }
  run.progress.Finish();
  training->steps = steps;
  training->loss = phase->loss;
  training->model.weights = phase->learner.averaged();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ClassifyTraining> TrainClassifier(
    const ClassifyData& data, const ClassifyPlan& plan,
    const std::vector<ClassifyExample>& examples,
    const TrainingOptions& options, int max_epochs, Progress* progress) {
  const Run run{data, plan, examples, options, *progress};
  ClassifyTraining training;
  training.model.spec = plan.spec;
  training.model.vocabulary = plan.vocabulary;
  training.validation_loss = std::numeric_limits<double>::quiet_NaN();
  if (options.validation == 0.0) {
    const int steps = max_epochs * StepsPerEpoch(run, data.train.size());
    const absl::Status status = TrainOnAll(run, steps, &training);
    if (!status.ok()) return status;
    return training;
  }
  auto search = SearchSteps(run, max_epochs);
  if (!search.ok()) return search.status();
  training.searched_steps = search->steps;
  training.steps = search->stopping.best_step();
  training.validation_loss = search->stopping.best_error();
  training.model.weights = std::move(search->best);
  if (options.refit) {
    const double passes = static_cast<double>(training.steps) /
                          StepsPerEpoch(run, search->examples);
    const int steps = static_cast<int>(
        std::lround(passes * StepsPerEpoch(run, data.train.size())));
    const absl::Status status = TrainOnAll(run, steps, &training);
    if (!status.ok()) return status;
  }
  return training;
}

}  // namespace recur
