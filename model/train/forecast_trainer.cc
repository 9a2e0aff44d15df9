#include "model/train/forecast_trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/train/band_width.h"
#include "model/train/early_stopping.h"
#include "model/train/forecast_judge.h"
#include "model/train/forecast_member.h"
#include "model/train/forecast_stage.h"
#include "model/train/initial_weights.h"
#include "model/train/learner.h"
#include "model/train/merge_forecasters.h"

namespace recur {
namespace {

constexpr double kRefitSteps = 1.15;  // times, for the rows that came back
constexpr double kShares[] = {1.0, 0.75, 0.5, 0.25, 0.0};
constexpr int kWarmUpWindows = 3;
constexpr uint64_t kSeedsOfMember = 1000;

// Everything the phases share.
struct Run {
  const ForecastData& data;
  const ForecastPlan& plan;
  const TrainingOptions& options;
  int max_steps;
  Progress& progress;
  std::vector<SeriesGrid> grids;
  std::vector<Member> members;

  const ModelSpec& spec() const { return plan.spec; }
  std::string PhaseName(const char* what, size_t member) const {
    if (members.size() == 1) return what;
    return absl::StrCat(what, " ", member + 1, "/", members.size());
  }
};

// A member in training: its learner and where its minibatches come from.
struct Phase {
  MemberUnits units;
  ForecastTrace trace;
  Learner learner;
  std::optional<WindowSampler> sampler;
  SequenceBatch batch;
  std::vector<float> targets;
  double loss = 0.0;
};

absl::StatusOr<std::unique_ptr<Phase>> StartPhase(const Run& run,
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
  auto learner = Learner::Create(
      member.network, InitialWeights(member.network, spec.quantiles, seed),
      options);
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

// What searching has found for one member.
struct Found {
  explicit Found(int patience) : stopping(patience) {}

  EarlyStopping stopping;
  TrainedMember best;
  double share = 1.0;            // of the best beside its reference
  std::vector<float> forecasts;  // of the best at the judged origins
  MemberTraining training;
};

// Judges the averaged weights, and what share of them is best.
absl::Status Look(const Run& run, const ForecastStage& stage, size_t index,
                  const Phase& phase, Found* found, double* error) {
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

absl::StatusOr<Found> SearchMember(const Run& run, const ForecastStage& stage,
                                   size_t index) {
  auto phase = StartPhase(run, stage, index);
  if (!phase.ok()) return phase.status();
  Found found(run.options.patience);
  const std::vector<int> looks = ValidationSteps(run.max_steps);
  double error = std::numeric_limits<double>::quiet_NaN();
  int step = 0;
  run.progress.Start(run.PhaseName("searching", index), "validation");
  for (size_t look = 0; look < looks.size() && !found.stopping.ShouldStop();) {
    if (auto s = StepOnce(phase->get()); !s.ok()) return s;
    if (++step == looks[look]) {
      ++look;
      const absl::Status status =
          Look(run, stage, index, **phase, &found, &error);
      if (!status.ok()) return status;
    }
    run.progress.Update({step, run.max_steps, (*phase)->loss, error});
  }
  run.progress.Finish();
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

absl::StatusOr<TrainedMember> TrainMember(const Run& run,
                                          const ForecastStage& stage,
                                          size_t index, int steps,
                                          double* loss) {
  auto phase = StartPhase(run, stage, index);
  if (!phase.ok()) return phase.status();
  run.progress.Start(run.PhaseName("training", index), "");
  for (int step = 1; step <= steps; ++step) {
    if (auto s = StepOnce(phase->get()); !s.ok()) return s;
    run.progress.Update({step, steps, (*phase)->loss});
  }
  run.progress.Finish();
  *loss = (*phase)->loss;
  return TrainedMember{run.members[index], (*phase)->units,
                       (*phase)->learner.averaged()};
}

std::vector<int> RowsOf(const ForecastData& data,
                        int (ForecastSeries::*count)() const) {
  std::vector<int> rows;
  for (const ForecastSeries& own : data.series) {
    rows.push_back((own.*count)());
  }
  return rows;
}

std::vector<float> JudgedTargets(const ForecastStage& stage) {
  const size_t size =
      static_cast<size_t>(stage.trace.horizon) * stage.trace.target_count;
  std::vector<float> targets;
  for (int origin : stage.judged) {
    const auto first = stage.trace.targets.begin() + origin * size;
    targets.insert(targets.end(), first, first + size);
  }
  return targets;
}

// One of `members`, all of which count alike.
void Trust(double share, size_t members, TrainedMember* own) {
  const auto targets = static_cast<size_t>(own->member.network.targets);
  const auto part = 1.0 / static_cast<double>(members);
  own->trust.assign(targets, share * part);
  own->reference_trust.assign(targets, (1.0 - share) * part);
}

// The model of the linear forecasts, if the first member corrects them.
std::optional<Model> LinearModel(const Run& run, const Weights& weights,
                                 TrainedMember first) {
  if (!first.member.corrects) return std::nullopt;
  first.trust.assign(first.trust.size(), 0.0);
  first.reference_trust.assign(first.trust.size(), 1.0);
  return MergeForecasters(run.spec(), weights, {std::move(first)});
}

void MakeModels(const Run& run, const ForecastStage& stage,
                const std::vector<TrainedMember>& members,
                ForecastTraining* training) {
  const Weights& weights = stage.autoregression.weights;
  training->model = MergeForecasters(run.spec(), weights, members);
  training->linear = LinearModel(run, weights, members[0]);
  if (!training->band_widths.empty() && !run.spec().quantiles.empty()) {
    ScaleBand(training->band_widths, &training->model);
  }
}

// The mean of what the members forecast, and how wide its band has to be.
void FitBand(const Run& run, const ForecastStage& stage,
             const std::vector<Found>& found, ForecastTraining* training) {
  const ModelSpec& spec = run.spec();
  std::vector<float> mean(found[0].forecasts.size());
  for (const Found& own : found) {
    for (size_t i = 0; i < mean.size(); ++i) {
      mean[i] += own.forecasts[i] / static_cast<float>(found.size());
    }
  }
  training->validation_error =
      ForecastError(spec, stage.trace, stage.judged, mean);
  training->band_widths = FitBandWidths(spec.quantiles, run.data.targets,
                                        JudgedTargets(stage), mean);
  training->linear_validation_error = std::numeric_limits<double>::quiet_NaN();
  const TrainedMember& first = found[0].best;
  if (!first.member.corrects) return;
  const std::vector<float> nothing(mean.size());
  training->linear_validation_error =
      ForecastError(spec, stage.trace, stage.judged,
                    MemberForecasts(first.member, first.units, stage.trace,
                                    stage.judged, 0.0, nothing));
}

absl::StatusOr<std::vector<Found>> SearchAll(const Run& run,
                                             const ForecastStage& stage) {
  std::vector<Found> found;
  for (size_t i = 0; i < run.members.size(); ++i) {
    auto own = SearchMember(run, stage, i);
    if (!own.ok()) return own.status();
    found.push_back(*std::move(own));
  }
  return found;
}

// All of it afresh on all training rows, as long as was found to be best.
absl::Status Refit(const Run& run, const std::vector<int>& rows,
                   ForecastStage* stage, std::vector<TrainedMember>* members,
                   ForecastTraining* training) {
  auto whole = MakeStage(run.data, run.plan, run.grids, rows, rows);
  if (!whole.ok()) return whole.status();
  *stage = *std::move(whole);
  for (size_t i = 0; i < members->size(); ++i) {
    MemberTraining& own = training->members[i];
    own.steps = static_cast<int>(std::lround(kRefitSteps * own.steps));
    auto member = TrainMember(run, *stage, i, own.steps, &own.loss);
    if (!member.ok()) return member.status();
    member->trust = (*members)[i].trust;
    member->reference_trust = (*members)[i].reference_trust;
    (*members)[i] = *std::move(member);
  }
  return absl::OkStatus();
}

absl::StatusOr<ForecastTraining> TrainWithSearch(const Run& run) {
  auto fit_rows = SearchRows(run.data, run.options.validation);
  if (!fit_rows.ok()) return fit_rows.status();
  const std::vector<int> rows = RowsOf(run.data, &ForecastSeries::train_rows);
  auto stage = MakeStage(run.data, run.plan, run.grids, *fit_rows, rows);
  if (!stage.ok()) return stage.status();
  if (stage->judged.empty()) {
    return absl::InvalidArgumentError(
        "--validation holds back too few rows for a forecast of the horizon; "
        "use a larger one, or 0 and --steps");
  }
  auto found = SearchAll(run, *stage);
  if (!found.ok()) return found.status();
  ForecastTraining training;
  FitBand(run, *stage, *found, &training);
  std::vector<TrainedMember> members;
  for (Found& own : *found) {
    Trust(own.share, found->size(), &own.best);
    members.push_back(std::move(own.best));
    training.members.push_back(std::move(own.training));
  }
  if (run.options.refit && run.data.series[0].validation_rows == 0) {
    const absl::Status status = Refit(run, rows, &*stage, &members, &training);
    if (!status.ok()) return status;
  }
  MakeModels(run, *stage, members, &training);
  return training;
}

absl::StatusOr<ForecastTraining> TrainToTheLimit(const Run& run) {
  const std::vector<int> rows = RowsOf(run.data, &ForecastSeries::train_rows);
  auto stage = MakeStage(run.data, run.plan, run.grids, rows, rows);
  if (!stage.ok()) return stage.status();
  ForecastTraining training;
  std::vector<TrainedMember> members;
  for (size_t i = 0; i < run.members.size(); ++i) {
    MemberTraining own{run.members[i].name, run.max_steps};
    auto member = TrainMember(run, *stage, i, run.max_steps, &own.loss);
    if (!member.ok()) return member.status();
    members.push_back(*std::move(member));
    training.members.push_back(std::move(own));
  }
  training.validation_error = std::numeric_limits<double>::quiet_NaN();
  training.linear_validation_error = std::numeric_limits<double>::quiet_NaN();
  for (TrainedMember& own : members) Trust(1.0, members.size(), &own);
  MakeModels(run, *stage, members, &training);
  return training;
}

}  // namespace

int ForecastTraining::steps() const {
  int sum = 0;
  for (const MemberTraining& own : members) sum += own.steps;
  return sum;
}

absl::StatusOr<ForecastTraining> TrainForecaster(const ForecastData& data,
                                                 const ForecastPlan& plan,
                                                 const TrainingOptions& options,
                                                 int max_steps,
                                                 Progress* progress) {
  FeatureSpec bare = plan.spec.features;
  bare.autoregression = {};
  auto features = Features::Create(bare);
  if (!features.ok()) return features.status();
  auto grids = MakeGrids(*features, data);
  if (!grids.ok()) return grids.status();
  const Run run{data,
                plan,
                options,
                max_steps,
                *progress,
                *std::move(grids),
                ChooseMembers(plan.spec)};
  const bool search =
      options.validation > 0.0 || data.series[0].validation_rows > 0;
  return search ? TrainWithSearch(run) : TrainToTheLimit(run);
}

}  // namespace recur
