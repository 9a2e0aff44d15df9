#include "client/cli/forecast_score.h"

#include <cmath>

namespace recur::cli {

double NaiveScale(absl::Span<const double> values) {
  double sum = 0.0;
  int count = 0;
  for (size_t i = 1; i < values.size(); ++i) {
    const double difference = std::abs(values[i] - values[i - 1]);
    if (std::isnan(difference)) continue;
    sum += difference;
    ++count;
  }
  return count > 0 ? sum / count : PlotPoint::kNone;
}

void ForecastScore::Add(const PlotPoint& forecast, double naive) {
  if (std::isnan(forecast.truth) || std::isnan(forecast.point)) return;
  const double error = forecast.point - forecast.truth;
  ++count_;
  absolute_ += std::abs(error);
  squared_ += error * error;
  if (!std::isnan(naive)) {
    ++naive_count_;
    naive_absolute_ += std::abs(naive - forecast.truth);
  }
  if (!std::isnan(forecast.low) && !std::isnan(forecast.high)) {
    ++interval_count_;
    inside_ +=
        forecast.low <= forecast.truth && forecast.truth <= forecast.high;
  }
}

double ForecastScore::Mean(double sum) const {
  return count_ > 0 ? sum / count_ : PlotPoint::kNone;
}

double ForecastScore::Rmse() const { return std::sqrt(Mean(squared_)); }

double ForecastScore::NaiveMae() const {
  return naive_count_ > 0 ? naive_absolute_ / naive_count_ : PlotPoint::kNone;
}

double ForecastScore::Coverage() const {
  return interval_count_ > 0 ? static_cast<double>(inside_) / interval_count_
                             : PlotPoint::kNone;
}

}  // namespace recur::cli
