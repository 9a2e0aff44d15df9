#include "model/train/report/forecast_metrics.h"

#include <cmath>
#include <limits>
#include <utility>

namespace recur {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kEven = 1e-6;  // levels are decimal fractions

double Ratio(double sum, double by) { return by > 0.0 ? sum / by : kNaN; }

}  // namespace

Interval IntervalNear(absl::Span<const double> levels, double nominal) {
  Interval best;
  for (int low = 0; low < static_cast<int>(levels.size()); ++low) {
    for (int high = low + 1; high < static_cast<int>(levels.size()); ++high) {
      if (std::abs(levels[low] + levels[high] - 1.0) > kEven) continue;
      const double covers = levels[high] - levels[low];
      if (!best.Any() ||
          std::abs(covers - nominal) < std::abs(best.nominal - nominal)) {
        best = {low, high, covers};
      }
    }
  }
  return best;
}

ForecastScorer::ForecastScorer(std::string name, int horizon,
                               std::vector<double> levels)
    : name_(std::move(name)),
      levels_(std::move(levels)),
      interval_(IntervalNear(levels_, 0.8)),
      below_(levels_.size()),
      by_step_(horizon),
      step_values_(horizon) {}

void ForecastScorer::Add(absl::Span<const double> truth,
                         absl::Span<const double> point,
                         absl::Span<const double> quantiles,
                         const Yardsticks& yardsticks) {
  for (size_t k = 0; k < truth.size(); ++k) {
    if (std::isnan(truth[k])) continue;
    const double error = std::abs(truth[k] - point[k]);
    absolute_ += error;
    squared_ += error * error;
    magnitude_ += std::abs(truth[k]);
    over_season_ += Ratio(error, yardsticks.season_error);
    over_season_until_now_ += Ratio(error, yardsticks.season_error_until_now);
    over_deviation_ += std::pow(Ratio(error, yardsticks.deviation), 2.0);
    const double both = std::abs(truth[k]) + std::abs(point[k]);
    symmetric_ += both > 0.0 ? 200.0 * error / both : 0.0;
    by_step_[k] += error;
    ++step_values_[k];
    ++values_;
    if (!levels_.empty()) {
      AddValue(truth[k], quantiles.data() + k * levels_.size());
    }
  }
}

void ForecastScorer::AddValue(double truth, const double* quantiles) {
  for (size_t q = 0; q < levels_.size(); ++q) {
    const double error = truth - quantiles[q];
    pinball_ += 2.0 * error * (error < 0.0 ? levels_[q] - 1.0 : levels_[q]);
    if (error <= 0.0) ++below_[q];
  }
  if (interval_.Any() && truth >= quantiles[interval_.low] &&
      truth <= quantiles[interval_.high]) {
    ++inside_;
  }
}

ForecastScore ForecastScorer::Score() const {
  ForecastScore score;
  score.name = name_;
  score.values = values_;
  score.mae = Ratio(absolute_, values_);
  score.rmse = std::sqrt(Ratio(squared_, values_));
  score.mase = Ratio(over_season_, values_);
  score.mase_by_window = Ratio(over_season_until_now_, values_);
  score.smape = Ratio(symmetric_, values_);
  score.scaled_mse = Ratio(over_deviation_, values_);
  const double levels = static_cast<double>(levels_.size());
  score.quantile_loss = Ratio(pinball_, levels * values_);
  score.weighted_quantile_loss = Ratio(pinball_, levels * magnitude_);
  score.coverage = interval_.Any() ? Ratio(inside_, values_) : kNaN;
  score.coverage_nominal = interval_.nominal;
  for (size_t k = 0; k < by_step_.size(); ++k) {
    score.mae_by_step.push_back(Ratio(by_step_[k], step_values_[k]));
  }
  for (int below : below_) {
    score.below_by_level.push_back(Ratio(below, values_));
  }
  return score;
}

double MeanSeasonalDifference(absl::Span<const double> values, int season) {
  double sum = 0.0;
  int64_t count = 0;
  for (size_t i = season; i < values.size(); ++i) {
    const double difference = std::abs(values[i] - values[i - season]);
    if (std::isnan(difference)) continue;
    sum += difference;
    ++count;
  }
  return Ratio(sum, static_cast<double>(count));
}

}  // namespace recur
