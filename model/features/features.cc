#include "model/features/features.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/features/calendar.h"

namespace recur {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kRunningWeight = 1.0 / 16.0;
constexpr double kFutureClip = 1.5;  // times input_clip

// What is kept of a scaled value: within the clip, and a float in any case.
float Narrow(double scaled, double clip) {
  const double limit = clip > 0.0 ? clip : std::numeric_limits<float>::max();
  return static_cast<float>(std::clamp(scaled, -limit, limit));
}

}  // namespace

Features::Features(const FeatureSpec& spec) : spec_(spec) {
  const int targets = static_cast<int>(spec.targets.size());
  for (size_t i = 0; i < spec.columns.size(); ++i) {
    if (spec.columns[i].known_ahead) known_.push_back(static_cast<int>(i));
  }
  ring_size_ = LongestSeason(spec);
  input_size_ = InputWidth(spec);
  future_size_ = FutureWidth(spec);
  running_ = static_cast<int>(spec.columns.size());
  ring_ = running_ + (spec.changes ? targets : 0);
  state_size_ = ring_ + ring_size_ * targets;
}

absl::StatusOr<Features> Features::Create(const FeatureSpec& spec) {
  if (auto status = ValidateFeatureSpec(spec); !status.ok()) return status;
  return Features(spec);
}

FeatureState Features::InitialState() const {
  FeatureState state;
  state.values.assign(ring_, kNaN);
  state.values.resize(state_size_, 0.0);
  return state;
}

bool Features::WarmingUp(FeatureView state) const {
  return state.clock.observed < ring_size_;
}

double Features::LastOr(FeatureView state, int column, double otherwise) const {
  const double last = state.values[column];
  return std::isnan(last) ? otherwise : last;
}

double Features::ValueOf(absl::Span<const double> values, FeatureView state,
                         int column) const {
  if (!values.empty() && !std::isnan(values[column])) return values[column];
  return LastOr(state, column, spec_.columns[column].mean);
}

double Features::Past(FeatureView state, int target, int back) const {
  const int64_t slot = (state.clock.observed - back) % ring_size_;
  return state.values[ring_ + slot * spec_.targets.size() + target];
}

void Features::Apply(const Observation& observation, const Advance& advance,
                     FeatureSlot state, float* inputs) const {
  for (int left = advance.intervals - 1; left >= 0; --left) {
    const int64_t time_us =
        advance.time_us == FeatureState::kNoTime
            ? FeatureState::kNoTime
            : advance.time_us - left * spec_.interval.count();
    ApplyOne(left > 0 ? absl::Span<const double>() : observation.values,
             time_us, state, inputs);
    inputs += input_size_;
  }
}

void Features::FeedBack(absl::Span<const double> point,
                        absl::Span<const double> known, FeatureSlot state,
                        float* inputs) const {
  std::vector<double> values(spec_.columns.size());
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = LastOr(state, static_cast<int>(i), spec_.columns[i].mean);
  }
  for (size_t j = 0; j < spec_.targets.size(); ++j) {
    if (std::isfinite(point[j])) values[spec_.targets[j]] = point[j];
  }
  if (!known.empty()) {
    for (size_t i = 0; i < known_.size(); ++i) values[known_[i]] = known[i];
  }
  const int64_t last_us = state.clock->last_time_us;
  const int64_t time_us = last_us == FeatureState::kNoTime
                              ? FeatureState::kNoTime
                              : last_us + spec_.interval.count();
  ApplyOne(values, time_us, state, inputs);
}

void Features::ApplyOne(absl::Span<const double> values, int64_t time_us,
                        FeatureSlot state, float* out) const {
  out = WriteColumns(values, state, out);
  if (spec_.changes) out = WriteChanges(values, state, out);
  out = WriteSeasons(values, state, out);
  if (time_us != FeatureState::kNoTime) {
    WriteCalendar(spec_.calendar, time_us + spec_.interval.count(), out);
  } else {
    std::fill_n(out, spec_.calendar.Width(), 0.0f);
  }
  Remember(values, state);
  state.clock->last_time_us = time_us;
  ++state.clock->observed;
}

float* Features::WriteColumns(absl::Span<const double> values,
                              FeatureView state, float* out) const {
  const int columns = static_cast<int>(spec_.columns.size());
  for (int i = 0; i < columns; ++i) {
    const Column& column = spec_.columns[i];
    const double value = ValueOf(values, state, i);
    *out++ = Narrow((value - column.mean) / column.scale, spec_.input_clip);
  }
  for (int i = 0; i < columns; ++i) {
    if (!spec_.columns[i].may_be_missing) continue;
    *out++ = values.empty() || std::isnan(values[i]) ? 1.0f : 0.0f;
  }
  return out;
}

float* Features::WriteChanges(absl::Span<const double> values,
                              FeatureView state, float* out) const {
  for (size_t j = 0; j < spec_.targets.size(); ++j) {
    const int column = spec_.targets[j];
    const double scale = spec_.columns[column].scale;
    const double value = ValueOf(values, state, column);
    const double running = state.values[running_ + j];
    const double mean = std::isnan(running) ? value : running;
    *out++ = Narrow((value - LastOr(state, column, value)) / scale,
                    spec_.input_clip);
    *out++ = Narrow((value - mean) / scale, spec_.input_clip);
  }
  return out;
}

float* Features::WriteSeasons(absl::Span<const double> values,
                              FeatureView state, float* out) const {
  const int targets = static_cast<int>(spec_.targets.size());
  for (int j = 0; j < targets; ++j) {
    const int column = spec_.targets[j];
    const double value = ValueOf(values, state, column);
    for (int season : spec_.seasons) {
      const double change =
          season <= state.clock.observed ? value - Past(state, j, season) : 0.0;
      *out++ = Narrow(change / spec_.columns[column].scale, spec_.input_clip);
    }
  }
  return out;
}

void Features::Remember(absl::Span<const double> values,
                        FeatureSlot state) const {
  const size_t targets = spec_.targets.size();
  for (size_t j = 0; j < targets; ++j) {
    const double value = ValueOf(values, state, spec_.targets[j]);
    if (ring_size_ > 0) {
      const int64_t slot = state.clock->observed % ring_size_;
      state.values[ring_ + slot * targets + j] = value;
    }
    const bool seen = !values.empty() && !std::isnan(values[spec_.targets[j]]);
    if (!spec_.changes || !seen) continue;
    double& running = state.values[running_ + j];
    // Not mean + (value - mean) / 16, which can overflow.
    running = std::isnan(running)
                  ? value
                  : running * (1.0 - kRunningWeight) + value * kRunningWeight;
  }
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isnan(values[i])) state.values[i] = values[i];
  }
}

float* Features::WriteFutureSeasons(FeatureView state, int step,
                                    float* out) const {
  const int targets = static_cast<int>(spec_.targets.size());
  for (int j = 0; j < targets; ++j) {
    const double scale = spec_.columns[spec_.targets[j]].scale;
    for (int season : spec_.seasons) {
      const int back = season - step % season;
      const double change = back <= state.clock.observed
                                ? Past(state, j, back) - AnchorOf(state, j)
                                : 0.0;
      *out++ = Narrow(change / scale, kFutureClip * spec_.input_clip);
    }
  }
  return out;
}

void Features::Future(FeatureView state, int horizon,
                      absl::Span<const double> known, float* rows) const {
  if (future_size_ == 0) return;
  for (int k = 0; k < horizon; ++k) {
    float* out = rows + static_cast<size_t>(k) * future_size_;
    if (state.clock.last_time_us == FeatureState::kNoTime) {
      out = std::fill_n(out, spec_.calendar.Width(), 0.0f);
    } else {
      out = WriteCalendar(
          spec_.calendar,
          state.clock.last_time_us + (k + 1) * spec_.interval.count(), out);
    }
    out = WriteFutureSeasons(state, k, out);
    for (size_t i = 0; i < known_.size(); ++i) {
      const Column& column = spec_.columns[known_[i]];
      const double value = known.empty() ? LastOr(state, known_[i], column.mean)
                                         : known[k * known_.size() + i];
      *out++ = Narrow((value - column.mean) / column.scale, spec_.input_clip);
    }
  }
}

}  // namespace recur
