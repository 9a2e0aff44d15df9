// How good forecasts of one target were, in raw units.
#ifndef RECUR_MODEL_TRAIN_REPORT_FORECAST_METRICS_H_
#define RECUR_MODEL_TRAIN_REPORT_FORECAST_METRICS_H_

#include <string>
#include <vector>

#include "absl/types/span.h"

namespace recur {

// A pair of levels that lie evenly around the median, as 0.1 and 0.9.
struct Interval {
  int low = -1;  // indices into the levels; -1: there is no such pair
  int high = -1;
  double nominal = 0.0;  // the part of the truth that should lie within

  bool Any() const { return low >= 0; }
};

// The pair nearest to covering `nominal`: 0.8 for the usual levels.
Interval IntervalNear(absl::Span<const double> levels, double nominal);

struct ForecastScore {
  std::string name;  // whose: "model", "naive", ...
  int values = 0;    // truths that were given
  double mae = 0.0;
  double rmse = 0.0;
  // |error| over the mean of |y_t - y_(t - m)| in the training part of its
  // series (Hyndman and Koehler 2006); NaN where that is 0.
  double mase = 0.0;
  // Mean over values and levels of 2 * pinball, raw units; NaN without levels.
  double quantile_loss = 0.0;
  // The same over the mean of |truth| (Salinas et al. 2020).
  double weighted_quantile_loss = 0.0;
  double coverage = 0.0;  // part of the truths inside the interval; NaN: none
  double coverage_nominal = 0.0;
  std::vector<double> mae_by_step;  // [horizon]
  // [levels] Part of the truths at or below each quantile; empty without.
  std::vector<double> below_by_level;
  // The same as mase with the mean over all that lies before each window, as
  // in rolling evaluations that take every window for a series of its own.
  double mase_by_window = 0.0;
  double smape = 0.0;  // mean of 200 |error| / (|truth| + |point|), percent
  // The mean squared error over the variance of the rows that were fitted on:
  // the MSE of values normalised by them.
  double scaled_mse = 0.0;
};

// What the errors of one window are held against; NaN: unknown.
struct Yardsticks {
  double season_error = 0.0;            // as for mase
  double season_error_until_now = 0.0;  // as for mase_by_window
  double deviation = 0.0;               // of the rows that were fitted on
};

// Adds up the errors of one target's forecasts. NaN truths are left out.
class ForecastScorer {
 public:
  // `levels` ascend; empty: point forecasts alone.
  ForecastScorer(std::string name, int horizon, std::vector<double> levels);

  // truth and point [horizon], quantiles [horizon, levels].
  void Add(absl::Span<const double> truth, absl::Span<const double> point,
           absl::Span<const double> quantiles, const Yardsticks& yardsticks);

  ForecastScore Score() const;

 private:
  void AddValue(double truth, const double* quantiles);

  std::string name_;
  std::vector<double> levels_;
  Interval interval_;
  int values_ = 0;
  int inside_ = 0;
  double absolute_ = 0.0;
  double squared_ = 0.0;
  double pinball_ = 0.0;
  double magnitude_ = 0.0;
  double over_season_ = 0.0;  // sums of errors over yardsticks
  double over_season_until_now_ = 0.0;
  double over_deviation_ = 0.0;
  double symmetric_ = 0.0;
  std::vector<int> below_;  // [levels]
  std::vector<double> by_step_;
  std::vector<int> step_values_;
};

// The mean of |y_t - y_(t - m)| where both are given; NaN if none is.
double MeanSeasonalDifference(absl::Span<const double> values, int season);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_REPORT_FORECAST_METRICS_H_
