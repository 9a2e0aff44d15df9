// How good forecasts were once the truth is known. Pure.
#ifndef RECUR_CLIENT_CLI_FORECAST_SCORE_H_
#define RECUR_CLIENT_CLI_FORECAST_SCORE_H_

#include "absl/types/span.h"
#include "client/cli/plot.h"

namespace recur::cli {

// The mean absolute difference of neighbouring values: the error of "like the
// step before", by which MASE divides. NaNs are passed over; NaN if no two
// neighbours are there.
double NaiveScale(absl::Span<const double> values);

// Sums over forecasts of one target; those without a truth do not count.
// Means are NaN while nothing has been added.
class ForecastScore {
 public:
  // `naive` is the last value seen when the forecast was made.
  void Add(const PlotPoint& forecast, double naive);

  int count() const { return count_; }
  double Mae() const { return Mean(absolute_); }
  double Rmse() const;
  double NaiveMae() const;
  // Share of truths inside their interval.
  double Coverage() const;

 private:
  double Mean(double sum) const;

  int count_ = 0;
  double absolute_ = 0.0;
  double squared_ = 0.0;
  int naive_count_ = 0;
  double naive_absolute_ = 0.0;
  int interval_count_ = 0;
  int inside_ = 0;
};

}  // namespace recur::cli

#endif  // RECUR_CLIENT_CLI_FORECAST_SCORE_H_
