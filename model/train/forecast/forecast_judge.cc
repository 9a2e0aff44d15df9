#include "model/train/forecast/forecast_judge.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "model/network/engine.h"
#include "model/network/serving/serving_engine.h"

namespace recur {
namespace {

constexpr size_t kRowsTogether = 64;

// One series on its way through the network.
struct Walk {
  int step = 0;     // the next one, among all steps of the trace
  size_t next = 0;  // into the origins
  size_t end = 0;
  std::vector<float> state;
};

int StepOf(const ForecastTrace& trace, int origin) {
  const Origin& own = trace.origins[origin];
  return trace.first_step[own.series] + own.step;
}

std::vector<Walk> StartWalks(const NetworkSpec& network,
                             const ForecastTrace& trace,
                             absl::Span<const int> origins, int warm_up) {
  std::vector<Walk> walks;
  for (size_t i = 0; i < origins.size(); ++i) {
    const int series = trace.origins[origins[i]].series;
    if (i == 0 || trace.origins[origins[i - 1]].series != series) {
      walks.push_back({std::max(trace.first_step[series],
                                StepOf(trace, origins[i]) - warm_up),
                       i, i, std::vector<float>(HiddenStateSize(network))});
    }
    walks.back().end = i + 1;
  }
  return walks;
}

// Walks `walks` together, until each has answered at its last origin.
absl::Status Run(const ForecastTrace& trace, absl::Span<const int> origins,
                 absl::Span<Walk> walks, Workspace* workspace,
                 size_t output_size, std::vector<float>* answers) {
  const size_t future =
      static_cast<size_t>(trace.horizon) * trace.future.columns();
  std::vector<float> rows;
  rows.reserve(walks.size() * future);  // heads point into it
  for (bool active = true; active;) {
    std::vector<StepRow> steps;
    std::vector<HeadRow> heads;
    rows.clear();
    for (Walk& walk : walks) {
      if (walk.next == walk.end) continue;
      steps.push_back({trace.inputs.data() +
                           static_cast<size_t>(walk.step) * trace.input_size,
                       0, walk.state.data()});
      const int origin = origins[walk.next];
      if (walk.step++ != StepOf(trace, origin)) continue;
      heads.push_back({walk.state.data(), rows.data() + rows.size(),
                       answers->data() + walk.next++ * output_size});
      trace.future.AppendTo(origin, &rows);
    }
    active = !steps.empty();
    if (!active) break;
    if (auto s = workspace->Step(steps); !s.ok()) return s;
    if (heads.empty()) continue;
    if (auto s = workspace->RunHead(heads); !s.ok()) return s;
  }
  return absl::OkStatus();
}

double LossOf(const std::vector<double>& levels, double truth,
              const float* forecast) {
  if (levels.empty()) return (truth - *forecast) * (truth - *forecast);
  double sum = 0.0;
  for (size_t q = 0; q < levels.size(); ++q) {
    const double error = truth - forecast[q];
    sum += 2.0 * error * (error < 0.0 ? levels[q] - 1.0 : levels[q]);
  }
  return sum / static_cast<double>(levels.size());
}

}  // namespace

absl::StatusOr<std::vector<float>> AnswersAt(const NetworkSpec& network,
                                             const Weights& weights,
                                             const ForecastTrace& trace,
                                             absl::Span<const int> origins,
                                             int warm_up) {
  auto engine = CreateServingEngine(network, weights);
  if (!engine.ok()) return engine.status();
  std::vector<Walk> walks = StartWalks(network, trace, origins, warm_up);
  const size_t together =
      std::min(kRowsTogether, std::max<size_t>(1, walks.size()));
  auto workspace = (*engine)->CreateWorkspace(static_cast<int>(together));
  if (!workspace.ok()) return workspace.status();
  const size_t size = OutputSize(network);
  std::vector<float> answers(origins.size() * size);
  for (size_t first = 0; first < walks.size(); first += together) {
    const absl::Status status =
        Run(trace, origins, absl::MakeSpan(walks).subspan(first, together),
            workspace->get(), size, &answers);
    if (!status.ok()) return status;
  }
  return answers;
}

std::vector<double> ForecastErrors(const ModelSpec& spec,
                                   const ForecastTrace& trace,
                                   absl::Span<const int> origins,
                                   absl::Span<const float> forecasts) {
  const int targets = trace.target_count;
  const size_t levels = spec.network.levels;
  std::vector<double> sums(targets);
  std::vector<double> counts(targets);
  size_t at = 0;
  for (int origin : origins) {
    for (int k = 0; k < trace.horizon; ++k) {
      const size_t row = static_cast<size_t>(origin) * trace.horizon + k;
      for (int target = 0; target < targets; ++target, at += levels) {
        const double truth = trace.targets[row * targets + target];
        if (std::isnan(truth)) continue;
        sums[target] += LossOf(spec.quantiles, truth, forecasts.data() + at);
        counts[target] += 1.0;
      }
    }
  }
  const FeatureSpec& features = spec.features;
  std::vector<double> errors;
  for (int target = 0; target < targets; ++target) {
    const double scale = features.running_scale
                             ? 1.0
                             : features.columns[features.targets[target]].scale;
    const double mean = sums[target] / counts[target];  // 0 / 0: none
    errors.push_back((spec.quantiles.empty() ? std::sqrt(mean) : mean) *
                     features.output_scale[target] / scale);
  }
  return errors;
}

double ForecastError(const ModelSpec& spec, const ForecastTrace& trace,
                     absl::Span<const int> origins,
                     absl::Span<const float> forecasts) {
  double sum = 0.0;
  double given = 0.0;
  for (double error : ForecastErrors(spec, trace, origins, forecasts)) {
    if (std::isnan(error)) continue;
    sum += error;
    given += 1.0;
  }
  return given > 0.0 ? sum / given : std::numeric_limits<double>::infinity();
}

}  // namespace recur
