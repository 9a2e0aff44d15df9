#include "model/features/features.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "model/features/calendar.h"

namespace recur {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kRunningWeight = 1.0 / 16.0;
constexpr double kScaleWeight = 1.0 / 64.0;
constexpr double kLeastScale = 1e-3;    // of the last value
constexpr double kSizeInput = 0.3;      // times ln(scale / |value|)
constexpr double kFutureClip = 1.5;     // times input_clip
constexpr double kLeastValue = 1e-300;  // for its logarithm
constexpr double kMostMove = 1e300;

float Within(double clip, double scaled) {
  const double limit = clip > 0.0 ? clip : std::numeric_limits<float>::max();
  return static_cast<float>(std::clamp(scaled, -limit, limit));
}

// Each column is one input, of a value that every observation has.
bool IsPlain(const FeatureSpec& spec) {
  return !spec.running_scale &&
         std::none_of(spec.columns.begin(), spec.columns.end(),
                      [](const Column& column) {
                        return column.categories > 0 || column.may_be_missing;
                      });
}

}  // namespace

Features::Features(const FeatureSpec& spec, const Weights& weights)
    : spec_(spec) {
  const int targets = static_cast<int>(spec.targets.size());
  const bool plain = IsPlain(spec);
  for (size_t i = 0; i < spec.columns.size(); ++i) {
    const Column& column = spec.columns[i];
    if (column.known_ahead) known_.push_back(static_cast<int>(i));
    if (plain) plain_.push_back({column.mean, column.scale});
  }
  target_of_.assign(spec.columns.size(), -1);
  for (int j = 0; j < targets; ++j) target_of_[spec.targets[j]] = j;
  TakeWeights(weights);
  ring_size_ = PastValues(spec);
  input_size_ = InputWidth(spec);
  future_size_ = FutureWidth(spec);
  running_ = static_cast<int>(spec.columns.size());
  scales_ = running_ + (spec.changes ? targets : 0);
  ring_ = scales_ + (spec.running_scale ? 2 * targets : 0);
  state_size_ = ring_ + ring_size_ * targets;
}

absl::StatusOr<Features> Features::Create(const FeatureSpec& spec,
                                          const Weights& weights) {
  if (auto status = ValidateFeatureSpec(spec); !status.ok()) return status;
  if (auto status = CheckWeights(spec, weights); !status.ok()) {
    return status;
  }
  Features features(spec, weights);
  const std::string& zone = spec.calendar.time_zone;
  if (!zone.empty() && !absl::LoadTimeZone(zone, &features.zone_)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "features.calendar.time_zone is not a time zone of this machine: \"",
        absl::CHexEscape(zone), "\""));
  }
  return features;
}

float Features::Narrow(double scaled) const {
  return Within(spec_.input_clip, scaled);
}

float Features::NarrowFuture(double scaled) const {
  return Within(kFutureClip * spec_.input_clip, scaled);
}

FeatureState Features::InitialState() const {
  FeatureState state;
  state.values.assign(scales_, kNaN);
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

int64_t Features::NextTime(int64_t time_us, int steps) const {
  return time_us == FeatureState::kNoTime
             ? time_us
             : time_us + steps * spec_.interval.count();
}

float* Features::WriteTime(const Calendar& calendar, int64_t time_us,
                           float* out) const {
  if (time_us == FeatureState::kNoTime) {
    return std::fill_n(out, calendar.Width(), 0.0f);
  }
  constexpr int64_t kSecondUs = 1'000'000;
  const int64_t offset_us =
      calendar.Any() && !spec_.calendar.time_zone.empty()
          ? zone_.At(absl::FromUnixMicros(time_us)).offset * kSecondUs
          : 0;
  return WriteCalendar(calendar, time_us + offset_us, out);
}

double Features::ScaleOf(FeatureView state, int target) const {
  const int column = spec_.targets[target];
  return ScaleAt(state, target,
                 LastOr(state, column, spec_.columns[column].mean));
}

double Features::ScaleAt(FeatureView state, int target, double value) const {
  const int column = spec_.targets[target];
  if (!spec_.running_scale) return spec_.columns[column].scale;
  const double* own = state.values + scales_ + 2 * target;
  const double least = kLeastScale * std::abs(value);
  const double scale = std::max(own[1] > 0.0 ? own[0] / own[1] : 0.0, least);
  return scale > 0.0 ? scale : 1.0;
}

void Features::MoveScales(absl::Span<const double> values,
                          FeatureSlot state) const {
  for (size_t j = 0; j < spec_.targets.size() && !values.empty(); ++j) {
    const int column = spec_.targets[j];
    // Within bounds, so that no sum of them overflows.
    const double change =
        std::min(std::abs(values[column] - state.values[column]), kMostMove);
    if (std::isnan(change)) continue;  // missing, or the first
    double* own = state.values + scales_ + 2 * j;
    own[0] = own[0] * (1.0 - kScaleWeight) + change * kScaleWeight;
    own[1] = own[1] * (1.0 - kScaleWeight) + kScaleWeight;
  }
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

double Features::Change(FeatureView state, int target, int back, double from,
                        double scale) const {
  if (back > state.clock.observed) return 0.0;
  return (Past(state, target, back) - from) / scale;
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
  if (spec_.running_scale) MoveScales(values, state);
  out = WriteColumns(values, state, out);
  if (spec_.changes) out = WriteChanges(values, state, out);
  out = WriteSeasons(values, state, out);
  WriteTime(spec_.calendar, NextTime(time_us, 1), out);
  Remember(values, state);
  state.clock->last_time_us = time_us;
  ++state.clock->observed;
}

float* Features::WriteColumns(absl::Span<const double> values,
                              FeatureView state, float* out) const {
  if (!plain_.empty() && !values.empty()) {
    for (size_t i = 0; i < plain_.size(); ++i) {
      *out++ = Narrow((values[i] - plain_[i].mean) / plain_[i].scale);
    }
    return out;
  }
  const int columns = static_cast<int>(spec_.columns.size());
  for (int i = 0; i < columns; ++i) {
    const Column& column = spec_.columns[i];
    const double value = ValueOf(values, state, i);
    if (column.categories > 0) {
      for (int c = 0; c < column.categories; ++c) {
        *out++ = value == c ? 1.0f : 0.0f;
      }
      continue;
    }
    const int target = spec_.running_scale ? target_of_[i] : -1;
    const double scaled =
        target < 0
            ? (value - column.mean) / column.scale
            : kSizeInput * (std::log(ScaleAt(state, target, value)) -
                            std::log(std::max(std::abs(value), kLeastValue)));
    *out++ = Narrow(scaled);
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
    const double value = ValueOf(values, state, column);
    const double scale = ScaleAt(state, static_cast<int>(j), value);
    const double running = state.values[running_ + j];
    const double mean = std::isnan(running) ? value : running;
    *out++ = Narrow((value - LastOr(state, column, value)) / scale);
    *out++ = Narrow((value - mean) / scale);
  }
  return out;
}

// The observation itself is not in the ring yet.
float* Features::WriteSeasons(absl::Span<const double> values,
                              FeatureView state, float* out) const {
  if (spec_.seasons.empty()) return out;
  const int targets = static_cast<int>(spec_.targets.size());
  for (int j = 0; j < targets; ++j) {
    const double value = ValueOf(values, state, spec_.targets[j]);
    const double scale = ScaleAt(state, j, value);
    for (int season : spec_.seasons) {
      *out++ = Narrow(-Change(state, j, season, value, scale));
      if (spec_.season_values < 2) continue;
      const double next =
          season > 1 ? -Change(state, j, season - 1, value, scale) : 0.0;
      *out++ = Narrow(next);
    }
  }
  return out;
}

void Features::Remember(absl::Span<const double> values,
                        FeatureSlot state) const {
  const bool keeps = ring_size_ > 0 || spec_.changes;
  const size_t targets = keeps ? spec_.targets.size() : 0;
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
    const double anchor = AnchorOf(state, j);
    const double scale = ScaleOf(state, j);
    for (int season : spec_.seasons) {
      const int back = season - step % season;
      *out++ = NarrowFuture(Change(state, j, back, anchor, scale));
      if (spec_.season_values < 2) continue;
      *out++ = NarrowFuture(Change(state, j, back + season, anchor, scale));
      if (spec_.season_values < 3) continue;
      *out++ = NarrowFuture(Change(state, j, 1 + season, anchor, scale));
    }
  }
  return out;
}

std::vector<double> Features::LastKnown(FeatureView state) const {
  std::vector<double> values;
  for (int column : known_) {
    values.push_back(LastOr(state, column, spec_.columns[column].mean));
  }
  return values;
}

void Features::Future(FeatureView state, int horizon,
                      absl::Span<const double> known, float* rows) const {
  if (future_size_ == 0) return;
  const int targets = spec_.autoregression.lags > 0
                          ? static_cast<int>(spec_.targets.size())
                          : 0;
  for (int k = 0; k < horizon; ++k) {
    float* out = rows + static_cast<size_t>(k) * future_size_;
    out = WriteTime(spec_.calendar, NextTime(state.clock.last_time_us, k + 1),
                    out);
    out = WriteFutureSeasons(state, k, out) + targets;
    for (size_t i = 0; i < known_.size(); ++i) {
      const Column& column = spec_.columns[known_[i]];
      const double value = known.empty() ? LastOr(state, known_[i], column.mean)
                                         : known[k * known_.size() + i];
      *out++ = Narrow((value - column.mean) / column.scale);
    }
  }
  const int first = future_size_ - static_cast<int>(known_.size()) - targets;
  for (int j = 0; j < targets; ++j) {
    WriteAutoregression(state, j, horizon, first + j, rows);
  }
}

}  // namespace recur
