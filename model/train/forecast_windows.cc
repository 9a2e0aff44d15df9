#include "model/train/forecast_windows.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_format.h"

namespace recur {
namespace {

constexpr int kPointsPerWindow = 4;
constexpr float kTargetClip = 20.0f;

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
      // A NaN passes through.
      out->push_back(std::clamp(features.ToScaled(state, j, raw), -kTargetClip,
                                kTargetClip));
    }
  }
}

}  // namespace

ForecastTrace TraceRows(const Features& features, const ForecastData& data,
                        const SeriesGrid& grid, int rows) {
  ForecastTrace trace;
  const int steps = grid.step_of_row[rows - 1] + 1;
  trace.input_size = features.input_size();
  trace.future_size = data.horizon * features.future_size();
  trace.target_size = data.horizon * data.targets;
  trace.inputs.resize(static_cast<size_t>(steps) * trace.input_size);
  trace.origin_at.assign(steps, -1);
  trace.future.resize(static_cast<size_t>(rows) * trace.future_size);
  FeatureState state = features.InitialState();
  int done = 0;
  for (int row = 0; row < rows; ++row) {
    const int step = grid.step_of_row[row];
    // MakeGrid has accepted every row.
    const Advance advance =
        *features.Check(data.At(row), state.last_time_us, "new");
    features.Apply(
        data.At(row), advance, &state,
        trace.inputs.data() + static_cast<size_t>(done) * trace.input_size);
    done = step + 1;
    features.Future(
        state, data.horizon, {},
        trace.future.data() + static_cast<size_t>(row) * trace.future_size);
    AppendTargets(features, state, grid, step, steps, data.horizon,
                  &trace.targets);
    trace.origin_steps.push_back(step);
    trace.origin_at[step] = row;
  }
  return trace;
}

absl::StatusOr<WindowSampler> WindowSampler::Create(const ForecastTrace& trace,
                                                    int window, int horizon,
                                                    int limit, int batch,
                                                    uint64_t seed) {
  limit = std::min(limit, static_cast<int>(trace.origin_at.size()));
  window = std::clamp((limit - horizon) / 2, 1, window);
  WindowSampler sampler(trace, window, batch, seed);
  for (size_t origin = 0; origin < trace.origin_steps.size(); ++origin) {
    const int step = trace.origin_steps[origin];
    if (step >= window - 1 && step + horizon < limit) {
      sampler.ends_.push_back(static_cast<int>(origin));
    }
  }
  if (sampler.ends_.empty()) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%d steps to train on hold no window with %d steps to forecast; use "
        "more data or a smaller --horizon",
        limit, horizon));
  }
  return sampler;
}

WindowSampler::WindowSampler(const ForecastTrace& trace, int window, int batch,
                             uint64_t seed)
    : trace_(&trace), window_(window), batch_(batch), random_(seed) {}

void WindowSampler::Draw(SequenceBatch* batch, std::vector<float>* targets) {
  batch->steps = window_;
  batch->rows = batch_;
  batch->lengths.assign(batch_, window_);
  batch->inputs.resize(static_cast<size_t>(window_) * batch_ *
                       trace_->input_size);
  batch->points.clear();
  batch->future.clear();
  targets->clear();
  for (int row = 0; row < batch_; ++row) DrawRow(row, batch, targets);
}

void WindowSampler::DrawRow(int row, SequenceBatch* batch,
                            std::vector<float>* targets) {
  const int end = ends_[random_.Below(static_cast<int64_t>(ends_.size()))];
  const int start = trace_->origin_steps[end] - window_ + 1;
  const int width = trace_->input_size;
  for (int step = 0; step < window_; ++step) {
    std::copy_n(
        trace_->inputs.begin() + static_cast<int64_t>(start + step) * width,
        width,
        batch->inputs.begin() +
            (static_cast<int64_t>(step) * batch_ + row) * width);
  }
  AddPoint(row, start, end, batch, targets);
  const int first = window_ / 4;
  for (int i = 1; i < kPointsPerWindow && window_ - 1 > first; ++i) {
    const int step =
        first + static_cast<int>(random_.Below(window_ - 1 - first));
    const int origin = trace_->origin_at[start + step];
    if (origin >= 0) AddPoint(row, start, origin, batch, targets);
  }
}

void WindowSampler::AddPoint(int row, int start, int origin,
                             SequenceBatch* batch,
                             std::vector<float>* targets) const {
  batch->points.push_back({trace_->origin_steps[origin] - start, row});
  const auto future = trace_->future.begin() +
                      static_cast<int64_t>(origin) * trace_->future_size;
  batch->future.insert(batch->future.end(), future,
                       future + trace_->future_size);
  const auto own = trace_->targets.begin() +
                   static_cast<int64_t>(origin) * trace_->target_size;
  targets->insert(targets->end(), own, own + trace_->target_size);
}

}  // namespace recur
