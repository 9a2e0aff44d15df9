#include "model/train/forecast/member_training.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "model/train/forecast/forecast_judge.h"
#include "model/train/learning/initial_weights.h"
#include "model/train/learning/learner.h"
#include "model/train/learning/stop_request.h"
#include "model/train/learning/training_phase.h"
#include "model/train/learning/transfer.h"

namespace recur {
namespace {

constexpr double kShares[] = {1.0, 0.75, 0.5, 0.25, 0.0};
constexpr int kWarmUpWindows = 3;
constexpr uint64_t kSeedsOfMember = 1000;

// A member in training: its learner and where its minibatches come from.
struct Phase {
  MemberUnits units;
  ForecastTrace trace;
  Learner learner;
  std::optional<WindowSampler> sampler;
  SequenceBatch batch;
  std::vector<float> targets;
  double loss = 0.0;

  void Carry(StateArchive& archive) { archive(learner, *sampler, loss); }
};

absl::StatusOr<std::unique_ptr<Phase>> StartPhase(const ForecastRun& run,
                                                  const ForecastStage& stage,
                                                  size_t index) {
  const Member& member = run.members[index];
  const ModelSpec& spec = run.spec();
  const uint64_t seed = run.options.seed + kSeedsOfMember * index;
  LearnerOptions options;
  options.loss.kind =
      spec.quantiles.empty() ? LossKind::kMse : LossKind::kPinball;
  options.loss.levels = spec.quantiles;
  options.optimizer = run.options.optimizer;
  options.dropout = static_cast<float>(run.options.dropout);
  options.seed = seed;
  options.threads = run.options.threads;
  Weights initial = InitialWeights(member.network, spec.quantiles, seed);
  if (run.options.start != nullptr) {
    const bool same_inputs =
        run.options.start->spec.network.input_size == spec.network.input_size;
    auto reused =
        ReuseWeights(*run.options.start,
                     {member.network,
                      {},
                      static_cast<int>(index),
                      same_inputs ? member.inputs : std::vector<int>()},
                     &initial);
    if (!reused.ok()) return reused.status();
  }
  auto learner = Learner::Create(member.network, std::move(initial), options);
  if (!learner.ok()) return learner.status();
  MemberUnits units = MeasureUnits(spec, member, stage.trace, stage.learnt);
  ForecastTrace trace = TraceForMember(member, units, stage.trace);
  std::unique_ptr<Phase> phase(
      new Phase{std::move(units), std::move(trace), *std::move(learner)});
  auto sampler = WindowSampler::Create(
      phase->trace, run.plan.window, stage.limits, run.options.batch, seed + 1);
  if (!sampler.ok()) return sampler.status();
  phase->sampler.emplace(*std::move(sampler));
  return phase;
}

absl::Status StepOnce(Phase* phase) {
  phase->sampler->Draw(&phase->batch, &phase->targets);
  auto loss = phase->learner.Step(phase->batch, phase->targets);
  if (!loss.ok()) return loss.status();
  phase->loss = *loss;
  return absl::OkStatus();
}

// Judges the averaged weights, and what share of them is best.
absl::Status Look(const ForecastRun& run, const ForecastStage& stage,
                  size_t index, const Phase& phase, FoundMember* found,
                  double* error) {
  const Member& member = run.members[index];
  auto outputs =
      AnswersAt(member.network, phase.learner.averaged(), phase.trace,
                stage.judged, kWarmUpWindows * phase.sampler->window());
  if (!outputs.ok()) return outputs.status();
  double best_share = 1.0;
  std::vector<float> best;
  *error = std::numeric_limits<double>::infinity();
  for (double share : kShares) {
    std::vector<float> forecasts = MemberForecasts(
        member, phase.units, stage.trace, stage.judged, share, *outputs);
    const double own =
        ForecastError(run.spec(), stage.trace, stage.judged, forecasts);
    if (!(own < *error)) continue;
    *error = own;
    best_share = share;
    best = std::move(forecasts);
  }
  const int step = static_cast<int>(phase.learner.steps());
  if (found->stopping.Add(step, *error)) {
    found->best = {member, phase.units, phase.learner.averaged()};
    found->share = best_share;
    found->forecasts = std::move(best);
  }
  return absl::OkStatus();
}

// What the next update of a search depends on.
void CarrySearch(const ForecastRun& run, const ForecastStage& stage,
                 size_t index, Phase& phase, FoundMember& found,
                 StateArchive& archive) {
  const Member& member = run.members[index];
  archive(phase, found.stopping, found.share, found.forecasts);
  CarryWeights(member.network, found.best.weights, archive);
  if (!archive.reading() || found.stopping.best_step() == 0) return;
  const size_t values = stage.judged.size() * OutputSize(member.network);
  if (found.best.weights.empty() || found.forecasts.size() != values) {
    archive.Fail("has no best weights");
  }
  found.best.member = member;
  found.best.units = phase.units;
}

}  // namespace

absl::StatusOr<FoundMember> SearchMember(const ForecastRun& run,
                                         const ForecastStage& stage,
                                         size_t index) {
  auto phase = StartPhase(run, stage, index);
  if (!phase.ok()) return phase.status();
  FoundMember found(run.options.patience);
  const std::vector<int> looks = ValidationSteps(run.plan.max_steps);
  double error = std::numeric_limits<double>::quiet_NaN();
  const std::string name = run.PhaseName("searching", index);
  const auto carry = [&](StateArchive& archive) {
    CarrySearch(run, stage, index, **phase, found, archive);
  };
  int step = 0;
  const auto unfinished = [&] {
    step = static_cast<int>((*phase)->learner.steps());
    return step < run.plan.max_steps && !found.stopping.ShouldStop();
  };
  const auto update = [&] {
    absl::Status status = StepOnce(phase->get());
    if (status.ok() && std::binary_search(looks.begin(), looks.end(), ++step)) {
      status = Look(run, stage, index, **phase, &found, &error);
    }
    run.progress.Update({step, run.plan.max_steps, (*phase)->loss, error});
    return status;
  };
  run.progress.Start(name, "validation");
  absl::Status status =
      RunPhase(name, run.checkpoint, carry, unfinished, update);
  if (!status.ok()) return status;
  run.progress.Finish();
  if (auto s = CheckLearnt((*phase)->learner.steps()); !s.ok()) return s;
  if (StopRequested() && found.stopping.best_step() == 0) {
    auto s = Look(run, stage, index, **phase, &found, &error);
    if (!s.ok()) return s;
  }
  if (found.stopping.best_step() == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        run.data.path,
        ": no target is given in the validation part; use a larger "
        "--validation, or 0 and --steps"));
  }
  found.training = {run.members[index].name, found.stopping.best_step(), step,
                    (*phase)->loss, found.share};
  return found;
}

absl::StatusOr<TrainedMember> TrainMember(const ForecastRun& run,
                                          const ForecastStage& stage,
                                          size_t index, int steps,
                                          double* loss) {
  auto phase = StartPhase(run, stage, index);
  if (!phase.ok()) return phase.status();
  const std::string name = run.PhaseName("training", index);
  const auto carry = [&](StateArchive& archive) { archive(**phase); };
  int step = 0;
  const auto unfinished = [&] {
    step = static_cast<int>((*phase)->learner.steps());
    return step < steps;
  };
  const auto update = [&] {
    const absl::Status status = StepOnce(phase->get());
    run.progress.Update({step + 1, steps, (*phase)->loss});
    return status;
  };
  run.progress.Start(name, "");
  const absl::Status status =
      RunPhase(name, run.checkpoint, carry, unfinished, update);
  if (!status.ok()) return status;
  run.progress.Finish();
  if (auto s = CheckLearnt((*phase)->learner.steps()); !s.ok()) return s;
  *loss = (*phase)->loss;
  return TrainedMember{run.members[index], (*phase)->units,
                       (*phase)->learner.averaged()};
}

}  // namespace recur
