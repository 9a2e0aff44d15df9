#include "model/train/forecast_trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/train/backtest.h"
#include "model/train/band_width.h"
#include "model/train/early_stopping.h"
#include "model/train/forecast_windows.h"
#include "model/train/initial_weights.h"
#include "model/train/learner.h"
#include "model/train/serve_model.h"

namespace recur {
namespace {

constexpr double kRefitSteps = 1.15;       // times, for the rows that came back
constexpr int kValidationForecasts = 400;  // about as many origins are judged

// Everything the phases share.
struct Run {
  const ForecastData& data;
  const ForecastPlan& plan;
  const TrainingOptions& options;
  Progress& progress;
  SeriesGrid grid;
  ForecastTrace trace;

  int TrainSteps() const { return grid.step_of_row[data.train_rows() - 1] + 1; }
};

// A learner and where its minibatches come from.
struct Phase {
  Learner learner;
  WindowSampler sampler;
  SequenceBatch batch;
  std::vector<float> targets;
  double loss = 0.0;
};

absl::StatusOr<Phase> StartPhase(const Run& run, int limit) {
  const ModelSpec& spec = run.plan.spec;
  LearnerOptions options;
  options.loss.kind =
      spec.quantiles.empty() ? LossKind::kMse : LossKind::kPinball;
  options.loss.levels = spec.quantiles;
  options.optimizer = run.options.optimizer;
  options.dropout = static_cast<float>(run.options.dropout);
  options.seed = run.options.seed;
  auto learner = Learner::Create(
      spec.network,
      InitialWeights(spec.network, spec.quantiles, run.options.seed), options);
  if (!learner.ok()) return learner.status();
  auto sampler =
      WindowSampler::Create(run.trace, run.plan.window, run.data.horizon, limit,
                            run.options.batch, run.options.seed + 1);
  if (!sampler.ok()) return sampler.status();
  return Phase{*std::move(learner), *std::move(sampler), {}, {}};
}

absl::Status StepOnce(Phase* phase) {
  phase->sampler.Draw(&phase->batch, &phase->targets);
  auto loss = phase->learner.Step(phase->batch, phase->targets);
  if (!loss.ok()) return loss.status();
  phase->loss = *loss;
  return absl::OkStatus();
}

double ValidationError(const Run& run, absl::Span<const int> origins,
                       absl::Span<const Forecast> forecasts) {
  const ModelSpec& spec = run.plan.spec;
  double sum = 0.0;
  for (int target = 0; target < run.data.targets; ++target) {
    const ForecastScore score = ScoreForecasts(
        "", run.data, run.grid, spec.quantiles, 1, target, origins, forecasts);
    sum += (spec.quantiles.empty() ? score.rmse : score.quantile_loss) /
           spec.features.columns[target].scale;
  }
  return sum / run.data.targets;
}

struct Search {
  EarlyStopping stopping;
  Weights best;
  std::vector<double> band_widths;
  int steps = 0;
};

// Looks at the validation part with the averaged weights.
absl::Status Look(const Run& run, const Phase& phase,
                  absl::Span<const int> origins, Search* search,
                  double* error) {
  auto servable = ServeModel({run.plan.spec, phase.learner.averaged(), {}});
  if (!servable.ok()) return servable.status();
  auto forecasts = Backtest(*servable, run.data, origins);
  if (!forecasts.ok()) return forecasts.status();
  *error = ValidationError(run, origins, *forecasts);
  if (search->stopping.Add(search->steps, *error)) {
    search->best = phase.learner.averaged();
    search->band_widths =
        FitBandWidths(run.plan.spec, run.data, run.grid, origins, *forecasts);
  }
  return absl::OkStatus();
}

int ValidationStride(const Run& run, int first) {
  return std::max(1, (run.data.train_rows() - first) / kValidationForecasts);
}

absl::StatusOr<Search> SearchSteps(const Run& run, int max_steps) {
  auto split = SplitSeries(run.data.train_rows(), run.options.validation, 0.0);
  if (!split.ok()) return split.status();
  // The last training row is the first origin: its horizon is held back whole.
  const int first = split->train.end - 1;
  const std::vector<int> origins =
      OriginsBetween(run.grid, first, run.TrainSteps(), run.data.horizon,
                     ValidationStride(run, first));
  if (origins.empty()) {
    return absl::InvalidArgumentError(
        "--validation holds back too few rows for a forecast of the horizon; "
        "use a larger one, or 0 and --steps");
  }
  auto phase = StartPhase(run, run.grid.step_of_row[first] + 1);
  if (!phase.ok()) return phase.status();
  Search search{EarlyStopping(run.options.patience)};
  const std::vector<int> looks = ValidationSteps(max_steps);
  double error = std::numeric_limits<double>::quiet_NaN();
  run.progress.Start("searching", "validation");
  for (size_t look = 0; look < looks.size() && !search.stopping.ShouldStop();) {
    if (auto s = StepOnce(&*phase); !s.ok()) return s;
    if (++search.steps == looks[look]) {
      ++look;
      if (auto s = Look(run, *phase, origins, &search, &error); !s.ok()) {
        return s;
      }
    }
    run.progress.Update({search.steps, max_steps, phase->loss, error});
  }
  run.progress.Finish();
  if (search.stopping.best_step() == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        run.data.path,
        ": no target is given in the validation part; use a larger "
        "--validation, or 0 and --steps"));
  }
  return search;
}

absl::StatusOr<Phase> TrainOn(const Run& run, int limit, int steps) {
  auto phase = StartPhase(run, limit);
  if (!phase.ok()) return phase;
  run.progress.Start("training", "");
  for (int step = 1; step <= steps; ++step) {
    if (auto s = StepOnce(&*phase); !s.ok()) return s;
    run.progress.Update({step, steps, phase->loss});
  }
  run.progress.Finish();
  return phase;
}

absl::StatusOr<ForecastTraining> TrainWithSearch(const Run& run,
                                                 int max_steps) {
  auto search = SearchSteps(run, max_steps);
  if (!search.ok()) return search.status();
  ForecastTraining training;
  training.model.spec = run.plan.spec;
  training.steps = search->stopping.best_step();
  training.searched_steps = search->steps;
  training.validation_error = search->stopping.best_error();
  training.band_widths = search->band_widths;
  if (run.options.refit) {
    training.steps =
        static_cast<int>(std::lround(kRefitSteps * training.steps));
    auto phase = TrainOn(run, run.TrainSteps(), training.steps);
    if (!phase.ok()) return phase.status();
    training.loss = phase->loss;
    training.model.weights = phase->learner.averaged();
  } else {
    training.model.weights = std::move(search->best);
  }
  if (!run.plan.spec.quantiles.empty()) {
    ScaleBand(training.band_widths, &training.model);
  }
  return training;
}

}  // namespace

absl::StatusOr<ForecastTraining> TrainForecaster(const ForecastData& data,
                                                 const ForecastPlan& plan,
                                                 const TrainingOptions& options,
                                                 int max_steps,
                                                 Progress* progress) {
  auto features = Features::Create(plan.spec.features);
  if (!features.ok()) return features.status();
  auto grid = MakeGrid(*features, data);
  if (!grid.ok()) return grid.status();
  Run run{data, plan, options, *progress, *std::move(grid), {}};
  run.trace = TraceRows(*features, data, run.grid, data.train_rows());
  if (options.validation > 0.0) return TrainWithSearch(run, max_steps);
  auto phase = TrainOn(run, run.TrainSteps(), max_steps);
  if (!phase.ok()) return phase.status();
  ForecastTraining training;
  training.model = {plan.spec, phase->learner.averaged(), {}};
  training.steps = max_steps;
  training.loss = phase->loss;
  training.validation_error = std::numeric_limits<double>::quiet_NaN();
  return training;
}

}  // namespace recur
