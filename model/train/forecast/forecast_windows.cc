#include "model/train/forecast/forecast_windows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_format.h"
#include "model/features/layout.h"

namespace recur {
namespace {

constexpr int kPointsPerWindow = 4;

void AppendTargets(const Features& features, const FeatureState& state,
                   const SeriesGrid& grid, int step, int limit, int horizon,
                   std::vector<float>* out) {
  const int targets = static_cast<int>(features.spec().targets.size());
  for (int k = 1; k <= horizon; ++k) {
    for (int j = 0; j < targets; ++j) {
      const double raw =
          step + k < limit
              ? grid.targets[static_cast<size_t>(step + k) * targets + j]
              : std::numeric_limits<double>::quiet_NaN();
      out->push_back(features.ToScaled(state, j, raw));
    }
  }
}

// One series on its way into a trace.
struct Tracing {
  const Features& full;
  const AutoregressionFit& fit;
  const ForecastData& data;
  ForecastTrace* trace;
  std::vector<float> future;  // of one origin

  void AddSeries(int s, const SeriesGrid& grid, int rows, int limit) {
    const int steps = grid.StepsOf(rows);
    const size_t width = full.input_size();
    float* out = Grow(static_cast<size_t>(steps) * width, &trace->inputs);
    trace->origin_at.resize(trace->origin_at.size() + steps, -1);
    FeatureState state = full.InitialState();
    for (int row = 0; row < rows; ++row) {
      const Observation observation = data.series[s].At(row);
      // MakeGrids has accepted every row.
      const Advance advance =
          *full.Check(observation, state.last_time_us, "new");
      full.Apply(observation, advance, &state, out);
      out += advance.intervals * width;
      const int step = grid.step_of_row[row];
      if (step < full.spec().autoregression.lags) continue;
      AddOrigin({s, row, step}, grid, steps, limit, state);
    }
    trace->first_step.push_back(static_cast<int>(trace->origin_at.size()));
    trace->first_origin.push_back(static_cast<int>(trace->origins.size()));
  }

  void AddOrigin(const Origin& origin, const SeriesGrid& grid, int steps,
                 int limit, const FeatureState& state) {
    const bool fitted = origin.step + data.horizon < limit;
    const Features& own =
        fitted && !fit.folds.empty()
            ? fit.folds[fit.FoldOf(origin.series, origin.step, limit)]
            : full;
    const std::vector<double> known = data.series[origin.series].KnownAfter(
        origin.row, data.horizon, own.LastKnown(state));
    own.Future(state, data.horizon, known, future.data());
    // Of a series there are target steps beyond its last one.
    trace->future.Add(int64_t{trace->first_step.back()} +
                          int64_t{origin.series} * data.horizon + origin.step +
                          1,
                      future);
    AppendTargets(full, state, grid, origin.step, steps, data.horizon,
                  &trace->targets);
    trace->origin_at[trace->first_step.back() + origin.step] =
        static_cast<int>(trace->origins.size());
    trace->origins.push_back(origin);
  }

  static float* Grow(size_t more, std::vector<float>* values) {
    values->resize(values->size() + more);
    return values->data() + values->size() - more;
  }
};

}  // namespace

ForecastTrace TraceRows(const Features& full, const AutoregressionFit& fit,
                        const ForecastData& data,
                        const std::vector<SeriesGrid>& grids,
                        const std::vector<int>& rows,
                        const std::vector<int>& limits) {
  ForecastTrace trace;
  trace.input_size = full.input_size();
  std::vector<bool> by_step;
  for (const Slot& slot : FutureSlots(full.spec())) {
    by_step.push_back(slot.kind == SlotKind::kCalendar);
  }
  trace.future = FutureRows(data.horizon, std::move(by_step));
  trace.horizon = data.horizon;
  trace.target_count = data.targets;
  trace.first_step = {0};
  trace.first_origin = {0};
  Tracing tracing{full, fit, data, &trace,
                  std::vector<float>(static_cast<size_t>(data.horizon) *
                                     full.future_size())};
  for (size_t s = 0; s < grids.size(); ++s) {
    tracing.AddSeries(static_cast<int>(s), grids[s], rows[s], limits[s]);
  }
  return trace;
}

absl::StatusOr<WindowSampler> WindowSampler::Create(
    const ForecastTrace& trace, int window, const std::vector<int>& limits,
    int batch, uint64_t seed) {
  WindowSampler sampler(trace, window, batch, seed);
  double weight = 0.0;
  for (int s = 0; s < trace.series(); ++s) {
    const int steps = trace.first_step[s + 1] - trace.first_step[s];
    const int limit = std::min(limits[s], steps);
    // Windows as long as they can be, but from half of a series at least.
    const int needed =
        std::min(window, std::max(1, (limit - trace.horizon) / 2));
    Ends ends;
    for (int i = trace.first_origin[s]; i < trace.first_origin[s + 1]; ++i) {
      const int step = trace.origins[i].step;
      if (step < needed - 1 || step + trace.horizon >= limit) continue;
      if (ends.count++ == 0) ends.first = i;
    }
    weight +=
        trace.series() > kMostKnownSeries ? std::sqrt(ends.count) : ends.count;
    ends.weight_up_to = weight;
    sampler.ends_.push_back(ends);
  }
  if (weight > 0.0) return sampler;
  return absl::InvalidArgumentError(absl::StrFormat(
      "the rows to train on hold no window with %d steps to forecast; use "
      "more data or a smaller --horizon",
      trace.horizon));
}

WindowSampler::WindowSampler(const ForecastTrace& trace, int window, int batch,
                             uint64_t seed)
    : trace_(&trace), window_(window), batch_(batch), random_(seed) {}

void WindowSampler::Draw(SequenceBatch* batch, std::vector<float>* targets) {
  batch->steps = window_;
  batch->rows = batch_;
  batch->lengths.assign(batch_, window_);
  batch->inputs.assign(
      static_cast<size_t>(window_) * batch_ * trace_->input_size, 0.0f);
  batch->points.clear();
  batch->future.clear();
  targets->clear();
  for (int row = 0; row < batch_; ++row) DrawRow(row, batch, targets);
}

int WindowSampler::DrawEnd() {
  const double at = random_.Uniform() * ends_.back().weight_up_to;
  const auto ends = std::upper_bound(
      ends_.begin(), ends_.end(), at,
      [](double value, const Ends& own) { return value < own.weight_up_to; });
  return ends->first + static_cast<int>(random_.Below(ends->count));
}

void WindowSampler::DrawRow(int row, SequenceBatch* batch,
                            std::vector<float>* targets) {
  const int end = DrawEnd();
  const Origin& origin = trace_->origins[end];
  const int length = std::min(window_, origin.step + 1);
  const int start =
      trace_->first_step[origin.series] + origin.step - length + 1;
  const int width = trace_->input_size;
  batch->lengths[row] = length;
  for (int step = 0; step < length; ++step) {
    std::copy_n(
        trace_->inputs.begin() + static_cast<int64_t>(start + step) * width,
        width,
        batch->inputs.begin() +
            (static_cast<int64_t>(step) * batch_ + row) * width);
  }
  AddPoint(row, start, end, batch, targets);
  const int first = length / 4;
  for (int i = 1; i < kPointsPerWindow && length - 1 > first; ++i) {
    const int step =
        first + static_cast<int>(random_.Below(length - 1 - first));
    const int more = trace_->origin_at[start + step];
    if (more >= 0) AddPoint(row, start, more, batch, targets);
  }
}

void WindowSampler::AddPoint(int row, int start, int origin,
                             SequenceBatch* batch,
                             std::vector<float>* targets) const {
  const Origin& own = trace_->origins[origin];
  batch->points.push_back(
      {trace_->first_step[own.series] + own.step - start, row});
  trace_->future.AppendTo(origin, &batch->future);
  const auto size =
      static_cast<int64_t>(trace_->horizon) * trace_->target_count;
  const auto first = trace_->targets.begin() + origin * size;
  targets->insert(targets->end(), first, first + size);
}

}  // namespace recur
