// The linear forecast that target steps are told of.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "absl/strings/str_format.h"
#include "model/features/features.h"

namespace recur {
namespace {

constexpr char kAutoregression[] = "autoregression.weight";
constexpr double kMostChange = 1e6;  // in units of the scale
constexpr int kMostHarmonics = 16;   // as ValidateFeatureSpec allows, and
constexpr int kMostInputs = 2048 + 2 * kMostHarmonics + 1;  // so many lags
constexpr int kTile = 64;  // target steps summed up at once

}  // namespace

absl::Status Features::CheckWeights(const FeatureSpec& spec,
                                    const Weights& weights) {
  const auto found = weights.find(kAutoregression);
  const bool wanted = spec.autoregression.lags > 0;
  if (weights.size() != (wanted ? 1 : 0) ||
      (wanted && found == weights.end())) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "the features have %d weights; an autoregression of %d lags needs %s",
        weights.size(), spec.autoregression.lags,
        wanted ? std::string("\"") + kAutoregression + "\" alone" : "none"));
  }
  if (!wanted) return absl::OkStatus();
  const Tensor& tensor = found->second;
  const int horizon =
      tensor.dims.size() == 4 ? static_cast<int>(tensor.dims[3]) : 0;
  if (horizon > 0 &&
      tensor.dims == FeatureWeightShapes(spec, horizon)[0].dims &&
      static_cast<int64_t>(tensor.values.size()) == ElementCount(tensor.dims)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrFormat(
      "weight \"%s\" is not [categories, %d, %d, horizon]", kAutoregression,
      spec.targets.size(), spec.autoregression.Width()));
}

void Features::TakeWeights(const Weights& weights) {
  const auto found = weights.find(kAutoregression);
  if (found == weights.end()) return;
  autoregression_ = found->second.values;
  autoregression_horizon_ = static_cast<int>(found->second.dims[3]);
}

void Features::AutoregressionInputs(FeatureView state, int target,
                                    double* out) const {
  const Autoregression& own = spec_.autoregression;
  const double last = AnchorOf(state, target);
  const double scale = ScaleOf(state, target);
  for (int lag = 1; lag <= own.lags; ++lag) {
    *out++ = std::clamp(Change(state, target, lag + 1, last, scale),
                        -kMostChange, kMostChange);
  }
  if (own.year_harmonics > 0) {
    std::array<float, 2 * kMostHarmonics> year{};
    const Calendar calendar{
        .year_harmonics = own.year_harmonics,
        .utc_offset_minutes = spec_.calendar.utc_offset_minutes};
    WriteTime(calendar, NextTime(state.clock.last_time_us, 1), year.data());
    out = std::copy_n(year.begin(), calendar.Width(), out);
  }
  *out = 1.0;
}

int Features::AutoregressionGroup(FeatureView state) const {
  const int column = spec_.autoregression.column;
  if (column < 0) return 0;
  const double value = state.values[column];
  const bool known = value >= 0.0 && value == std::floor(value) &&
                     value < spec_.columns[column].categories;
  return known ? static_cast<int>(value) : -1;
}

void Features::WriteAutoregression(FeatureView state, int target, int horizon,
                                   int column, float* rows) const {
  const int width = spec_.autoregression.Width();
  std::array<double, kMostInputs> inputs;
  AutoregressionInputs(state, target, inputs.data());
  const int group = AutoregressionGroup(state);
  const int row =
      std::max(0, group) * static_cast<int>(spec_.targets.size()) + target;
  for (int first = 0; first < horizon; first += kTile) {
    const int tile = std::min(kTile, horizon - first);
    const int known =
        group < 0 ? 0 : std::clamp(autoregression_horizon_ - first, 0, tile);
    std::array<double, kTile> sums{};
    for (int i = 0; i < width; ++i) {
      const size_t at =
          (static_cast<size_t>(row) * width + i) * autoregression_horizon_ +
          first;
      for (int k = 0; k < known; ++k) {
        sums[k] += inputs[i] * autoregression_[at + k];
      }
    }
    for (int k = 0; k < tile; ++k) {
      rows[static_cast<size_t>(first + k) * future_size_ + column] =
          NarrowFuture(sums[k]);
    }
  }
}

}  // namespace recur
