#include "model/train/classify/classify_trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/train/classify/classify_answers.h"
#include "model/train/classify/classify_pieces.h"
#include "model/train/learning/early_stopping.h"
#include "model/train/learning/initial_weights.h"
#include "model/train/learning/learner.h"
#include "model/train/learning/merge_members.h"
#include "model/train/learning/serve_model.h"
#include "model/train/learning/stop_request.h"
#include "model/train/learning/training_phase.h"
#include "model/train/learning/transfer.h"

namespace recur {
namespace {

constexpr int kLeastStepsBetweenLooks = 8;
constexpr int kLeastSteps = 200;  // small sets often begin with a plateau
// A small set has few updates in a pass.
constexpr int kLeastCap = 1500;
constexpr int kDefaultEpochs = 100;

struct Run {
  const ClassifyData& data;
  ClassifyPlan plan;  // with the pooling that is tried or chosen
  const ClassifyPieces& pieces;
  const TrainingOptions& options;
  Progress& progress;
  TrainingCheckpoint& checkpoint;

  const NetworkSpec& network() const { return plan.spec.network; }
  int StepsPerEpoch(size_t examples) const {
    return static_cast<int>((examples + options.batch - 1) / options.batch);
  }
  // The first one is that of the options, so that it does not depend on how
  // many there are.
  uint64_t SeedOf(int member) const {
    return member == 0
               ? options.seed
               : Random(options.seed ^ static_cast<uint64_t>(member) << 32)
                     .Next();
  }
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

  void Carry(StateArchive& archive) {
    const std::vector<int> own = order;
    archive(learner, order, random, next, loss);
    const bool same =
        std::is_permutation(order.begin(), order.end(), own.begin(), own.end());
    if (!same || next > order.size()) archive.Fail("is of other examples");
  }
};

absl::StatusOr<Phase> StartPhase(const Run& run, int member,
                                 std::vector<int> examples) {
  const uint64_t seed = run.SeedOf(member);
  const NetworkSpec& network = run.network();
  LearnerOptions options;
  options.loss.kind =
      network.head == Head::kSigmoid ? LossKind::kSigmoid : LossKind::kSoftmax;
  options.loss.classes = network.classes;
  options.loss.class_weights = run.plan.class_weights;
  options.optimizer = run.options.optimizer;
  options.dropout = static_cast<float>(run.options.dropout);
  options.seed = seed;
  options.threads = run.options.threads;
  Weights initial = InitialWeights(network, {}, seed);
  if (run.options.start != nullptr) {
    auto reused = ReuseWeights(
        *run.options.start, {network, run.plan.vocabulary, member}, &initial);
    if (!reused.ok()) return reused.status();
  }
  auto learner = Learner::Create(network, std::move(initial), options);
  if (!learner.ok()) return learner.status();
  const size_t end = examples.size();
  return Phase{*std::move(learner), std::move(examples), Random(seed + 1), end};
}

absl::Status StepOnce(const Run& run, Phase* phase) {
  if (phase->next >= phase->order.size()) {
    phase->random.Shuffle(&phase->order);
    phase->next = 0;
  }
  const size_t count =
      std::min<size_t>(run.options.batch, phase->order.size() - phase->next);
  MakeBatch(run.pieces.examples,
            absl::MakeConstSpan(phase->order).subspan(phase->next, count),
            run.network().input_size, run.plan.augmentation, &phase->random,
            &phase->batch, &phase->targets);
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
  auto answers = ClassifyExamples(*servable, run.pieces.examples, chosen);
  if (!answers.ok()) return answers.status();
  return CrossEntropy(*answers, TruthOf(run.pieces.examples, chosen));
}

// One of the networks that look for how long to train.
struct Scout {
  Phase phase;
  std::vector<int> validation;
  Weights best;
};

struct Search {
  std::vector<Scout> scouts;
  EarlyStopping stopping;
  LearningCurve curve;
  int steps = 0;
  size_t examples = 0;  // that each trained on
  Pooling pooling = Pooling::kLast;

  void Carry(const NetworkSpec& network, StateArchive& archive) {
    archive(stopping, curve, steps);
    for (Scout& scout : scouts) {
      archive(scout.phase);
      CarryWeights(network, scout.best, archive);
      if (stopping.best_step() > 0 && scout.best.empty()) {
        archive.Fail("has no best weights");
      }
    }
  }
};

// Updates at most.
int Cap(int max_epochs, int steps_per_epoch) {
  if (max_epochs == 0) {
    return std::max(kDefaultEpochs * steps_per_epoch, kLeastCap);
  }
  return static_cast<int>(std::min<int64_t>(
      int64_t{max_epochs} * steps_per_epoch, std::numeric_limits<int>::max()));
}

absl::StatusOr<Search> StartSearch(const Run& run) {
  Search search{{}, EarlyStopping(run.options.patience, kLeastSteps)};
  for (int i = 0; i < run.plan.holdouts; ++i) {
    auto split =
        HoldBack(run.data, run.pieces, run.options.validation, run.SeedOf(i));
    if (!split.ok()) return split.status();
    search.examples = split->train.size();
    auto phase = StartPhase(run, i, std::move(split->train));
    if (!phase.ok()) return phase.status();
    search.scouts.push_back({*std::move(phase), std::move(split->validation)});
  }
  return search;
}

absl::StatusOr<double> Look(const Run& run, Search* search) {
  double loss = 0.0;
  double error = 0.0;
  for (const Scout& scout : search->scouts) {
    auto own = ValidationLoss(run, scout.phase, scout.validation);
    if (!own.ok()) return own;
    error += *own / static_cast<double>(search->scouts.size());
    loss += scout.phase.loss / static_cast<double>(search->scouts.size());
  }
  search->curve.points.push_back({search->steps, loss, error});
  if (search->stopping.Add(search->steps, error)) {
    search->curve.best_step = search->steps;
    for (Scout& scout : search->scouts) {
      scout.best = scout.phase.learner.averaged();
    }
  }
  return error;
}

absl::StatusOr<Search> SearchSteps(const Run& run, int max_epochs) {
  auto search = StartSearch(run);
  if (!search.ok()) return search;
  const int epoch = run.StepsPerEpoch(search->examples);
  const int cap = Cap(max_epochs, epoch);
  const int stride = std::max(epoch, kLeastStepsBetweenLooks);
  double error = std::numeric_limits<double>::quiet_NaN();
  const std::string name =
      run.plan.poolings.size() == 1
          ? "searching"
          : absl::StrCat("searching, pooling ",
                         PoolingName(run.network().pooling));
  search->pooling = run.network().pooling;
  search->curve.phase = name;
  const auto carry = [&](StateArchive& archive) {
    search->Carry(run.network(), archive);
  };
  const auto unfinished = [&] {
    return search->steps < cap && !search->stopping.ShouldStop();
  };
  const auto update = [&]() -> absl::Status {
    for (Scout& scout : search->scouts) {
      if (auto s = StepOnce(run, &scout.phase); !s.ok()) return s;
    }
    ++search->steps;
    if (search->steps % stride == 0 || search->steps == cap) {
      auto looked = Look(run, &*search);
      if (!looked.ok()) return looked.status();
      error = *looked;
    }
    run.progress.Update(
        {search->steps, cap, search->scouts[0].phase.loss, error});
    return absl::OkStatus();
  };
  run.progress.Start(name, "validation");
  const absl::Status status =
      RunPhase(name, run.checkpoint, carry, unfinished, update);
  if (!status.ok()) return status;
  run.progress.Finish();
  if (auto s = CheckLearnt(search->steps); !s.ok()) return s;
  if (StopRequested() && search->stopping.best_step() == 0) {
    auto looked = Look(run, &*search);
    if (!looked.ok()) return looked.status();
  }
  return search;
}

// Searches with each pooling and returns the best one's search. Equal errors
// leave the first.
absl::StatusOr<Search> SearchPooling(int max_epochs, Run* run,
                                     ClassifyTraining* training) {
  std::optional<Search> best;
  int chosen = 0;
  for (Pooling pooling : run->plan.poolings) {
    run->plan.spec.network.pooling = pooling;
    const auto start = std::chrono::steady_clock::now();
    auto search = SearchSteps(*run, max_epochs);
    if (absl::IsCancelled(search.status()) && best.has_value()) break;
    if (!search.ok()) return search;
    const std::chrono::duration<double> passed =
        std::chrono::steady_clock::now() - start;
    training->trials.push_back({absl::StrCat("pooling ", PoolingName(pooling)),
                                search->stopping.best_error(), passed.count()});
    training->curves.push_back(search->curve);
    training->searched_steps += search->steps;
    if (!best.has_value() ||
        search->stopping.best_error() < best->stopping.best_error()) {
      best = *std::move(search);
      chosen = static_cast<int>(training->trials.size()) - 1;
    }
  }
  training->trials[chosen].chosen = true;
  run->plan.spec.network.pooling = best->pooling;
  return *std::move(best);
}

absl::StatusOr<Weights> TrainMember(const Run& run, int member, int steps,
                                    ClassifyTraining* training) {
  std::vector<int> all(run.pieces.examples.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i);
  auto phase = StartPhase(run, member, std::move(all));
  if (!phase.ok()) return phase.status();
  const std::string name =
      run.plan.members == 1
          ? "training"
          : absl::StrFormat("training %d of %d", member + 1, run.plan.members);
  LearningCurve curve{name};
  const int stride = std::max(1, steps / 100);
  const auto carry = [&](StateArchive& archive) { archive(*phase, curve); };
  const auto unfinished = [&] { return phase->learner.steps() < steps; };
  const auto update = [&] {
    const absl::Status status = StepOnce(run, &*phase);
    const auto step = static_cast<int>(phase->learner.steps());
    if (step % stride == 0) curve.points.push_back({step, phase->loss});
    run.progress.Update({step, steps, phase->loss});
    return status;
  };
  run.progress.Start(name, "");
  const absl::Status status =
      RunPhase(name, run.checkpoint, carry, unfinished, update);
  if (!status.ok()) return status;
  run.progress.Finish();
  if (auto s = CheckLearnt(phase->learner.steps()); !s.ok()) return s;
  training->loss = phase->loss;
  training->curves.push_back(std::move(curve));
  return phase->learner.averaged();
}

absl::Status TrainOnAll(const Run& run, int steps, ClassifyTraining* training) {
  std::vector<Weights> members;
  for (int member = 0; member < run.plan.members; ++member) {
    auto weights = TrainMember(run, member, steps, training);
    if (absl::IsCancelled(weights.status()) && member > 0) break;
    if (!weights.ok()) return weights.status();
    members.push_back(*std::move(weights));
  }
  training->steps = steps;
  training->model.weights = MergeMembers(run.network(), members);
  training->model.spec.network =
      MergedSpec(run.network(), static_cast<int>(members.size()));
  return absl::OkStatus();
}

void KeepBest(const Run& run, Search search, ClassifyTraining* training) {
  std::vector<Weights> members;
  for (Scout& scout : search.scouts) members.push_back(std::move(scout.best));
  training->model.weights = MergeMembers(run.network(), members);
  training->model.spec.network =
      MergedSpec(run.network(), static_cast<int>(members.size()));
}

}  // namespace

absl::StatusOr<ClassifyTraining> TrainClassifier(
    const ClassifyData& data, const ClassifyPlan& plan,
    const std::vector<ClassifyExample>& examples,
    const TrainingOptions& options, int max_epochs, Progress* progress) {
  const ClassifyPieces pieces =
      MakePieces(data, examples, plan.spec.network.input_size, plan.window);
  TrainingOptions own = options;
  TrainingCheckpoint none;
  Run run{
      data,      plan,
      pieces,    own,
      *progress, options.checkpoint != nullptr ? *options.checkpoint : none};
  ClassifyTraining training;
  training.model.spec = plan.spec;
  training.model.vocabulary = plan.vocabulary;
  training.validation_loss = std::numeric_limits<double>::quiet_NaN();
  const int epoch = run.StepsPerEpoch(pieces.examples.size());
  own.optimizer.schedule_steps = Cap(max_epochs, epoch);
  if (options.validation == 0.0) {
    const absl::Status status =
        TrainOnAll(run, Cap(max_epochs, epoch), &training);
    if (!status.ok()) return status;
    return training;
  }
  auto search = SearchPooling(max_epochs, &run, &training);
  if (!search.ok()) return search.status();
  training.steps = search->stopping.best_step();
  training.validation_loss = search->stopping.best_error();
  const int searched = training.steps;
  if (options.refit && !StopRequested()) {
    const double passes =
        static_cast<double>(searched) / run.StepsPerEpoch(search->examples);
    const absl::Status status = TrainOnAll(
        run, static_cast<int>(std::lround(passes * epoch)), &training);
    if (!status.ok() && !absl::IsCancelled(status)) return status;
    if (!StopRequested()) return training;
  }
  // Stopped in the middle, what was found is better than half a training.
  training.steps = searched;
  KeepBest(run, *std::move(search), &training);
  return training;
}

}  // namespace recur
