#include "model/train/forecast/forecast_trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/train/forecast/band_width.h"
#include "model/train/forecast/forecast_judge.h"
#include "model/train/forecast/forecast_member.h"
#include "model/train/forecast/forecast_stage.h"
#include "model/train/forecast/merge_forecasters.h"
#include "model/train/learning/stop_request.h"

namespace recur {
namespace {

constexpr double kRefitSteps = 1.15;  // times, for the rows that came back

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
std::optional<Model> LinearModel(const ForecastRun& run, const Weights& weights,
                                 TrainedMember first) {
  if (!first.member.corrects) return std::nullopt;
  first.trust.assign(first.trust.size(), 0.0);
  first.reference_trust.assign(first.trust.size(), 1.0);
  return MergeForecasters(run.spec(), weights, {std::move(first)});
}

void MakeModels(const ForecastRun& run, const ForecastStage& stage,
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
void FitBand(const ForecastRun& run, const ForecastStage& stage,
             const std::vector<FoundMember>& found,
             ForecastTraining* training) {
  const ModelSpec& spec = run.spec();
  std::vector<float> mean(found[0].forecasts.size());
  for (const FoundMember& own : found) {
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

absl::StatusOr<std::vector<FoundMember>> SearchAll(const ForecastRun& run,
                                                   const ForecastStage& stage) {
  std::vector<FoundMember> found;
  for (size_t i = 0; i < run.members.size(); ++i) {
    auto own = SearchMember(run, stage, i);
    if (absl::IsCancelled(own.status()) && i > 0) break;
    if (!own.ok()) return own.status();
    found.push_back(*std::move(own));
  }
  return found;
}

// All of it afresh on all training rows, as long as was found to be best. If it
// is stopped, what was found stays: that is better than half a training.
absl::Status Refit(const ForecastRun& run, const std::vector<int>& rows,
                   ForecastStage* stage, std::vector<TrainedMember>* members,
                   ForecastTraining* training) {
  stage->trace = {};  // most of the memory, and no longer needed
  auto whole = MakeStage(run.data, run.plan, run.grids, rows, rows);
  if (!whole.ok()) return whole.status();
  std::vector<TrainedMember> afresh;
  std::vector<MemberTraining> how = training->members;
  for (size_t i = 0; i < members->size(); ++i) {
    how[i].steps = static_cast<int>(std::lround(kRefitSteps * how[i].steps));
    auto member = TrainMember(run, *whole, i, how[i].steps, &how[i].loss);
    if (StopRequested()) return absl::OkStatus();
    if (!member.ok()) return member.status();
    member->trust = (*members)[i].trust;
    member->reference_trust = (*members)[i].reference_trust;
    afresh.push_back(*std::move(member));
  }
  *stage = *std::move(whole);
  *members = std::move(afresh);
  training->members = std::move(how);
  return absl::OkStatus();
}

absl::StatusOr<ForecastTraining> TrainWithSearch(const ForecastRun& run) {
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
  for (FoundMember& own : *found) {
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

absl::StatusOr<ForecastTraining> TrainToTheLimit(const ForecastRun& run) {
  const std::vector<int> rows = RowsOf(run.data, &ForecastSeries::train_rows);
  auto stage = MakeStage(run.data, run.plan, run.grids, rows, rows);
  if (!stage.ok()) return stage.status();
  ForecastTraining training;
  std::vector<TrainedMember> members;
  for (size_t i = 0; i < run.members.size(); ++i) {
    MemberTraining own{run.members[i].name, run.plan.max_steps};
    auto member = TrainMember(run, *stage, i, run.plan.max_steps, &own.loss);
    if (absl::IsCancelled(member.status()) && i > 0) break;
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
                                                 Progress* progress) {
  FeatureSpec bare = plan.spec.features;
  bare.autoregression = {};
  auto features = Features::Create(bare);
  if (!features.ok()) return features.status();
  auto grids = MakeGrids(*features, data);
  if (!grids.ok()) return grids.status();
  TrainingOptions own = options;
  own.optimizer.schedule_steps = plan.max_steps;
  TrainingCheckpoint none;
  const ForecastRun run{
      data,
      plan,
      own,
      *progress,
      options.checkpoint != nullptr ? *options.checkpoint : none,
      *std::move(grids),
      ChooseMembers(plan.spec)};
  const bool search =
      options.validation > 0.0 || data.series[0].validation_rows > 0;
  return search ? TrainWithSearch(run) : TrainToTheLimit(run);
}

}  // namespace recur
