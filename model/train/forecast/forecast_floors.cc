#include "model/train/forecast/forecast_floors.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace recur {
namespace {

// Before the first given value its own value stands in: nothing better is
// known, and only the oldest training values are concerned.
std::vector<double> Fill(absl::Span<const double> values) {
  std::vector<double> filled(values.begin(), values.end());
  const auto given = [](double value) { return !std::isnan(value); };
  const auto first = std::find_if(filled.begin(), filled.end(), given);
  double last = first == filled.end() ? 0.0 : *first;
  for (double& value : filled) {
    if (given(value)) last = value;
    value = last;
  }
  return filled;
}

}  // namespace

double EmpiricalQuantile(absl::Span<const double> sorted, double level) {
  if (sorted.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double at = level * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(at);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] +
         (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

FloorForecaster::FloorForecaster(absl::Span<const double> values, int train,
                                 int horizon, int season,
                                 std::vector<double> levels)
    : filled_(Fill(values)),
      horizon_(horizon),
      season_(season),
      levels_(std::move(levels)) {
  for (int k = 0; k < horizon_; ++k) {
    std::vector<double> errors;
    for (int origin = season_ - 1; origin + 1 + k < train; ++origin) {
      const double truth = values[origin + 1 + k];
      if (!std::isnan(truth)) errors.push_back(truth - Point(origin, k));
    }
    std::sort(errors.begin(), errors.end());
    for (double level : levels_) {
      errors_.push_back(errors.empty() ? 0.0
                                       : EmpiricalQuantile(errors, level));
    }
  }
}

double FloorForecaster::Point(int origin, int k) const {
  return filled_[origin + 1 + k - season_ * (k / season_ + 1)];
}

FloorForecast FloorForecaster::At(int origin) const {
  FloorForecast forecast;
  for (int k = 0; k < horizon_; ++k) {
    const double point = Point(origin, k);
    forecast.point.push_back(point);
    for (size_t q = 0; q < levels_.size(); ++q) {
      forecast.quantiles.push_back(point + errors_[k * levels_.size() + q]);
    }
  }
  return forecast;
}

}  // namespace recur
