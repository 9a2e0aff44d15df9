// The simplest forecasts, which a model has to beat: the last value (naive)
// and the value whole seasons before (seasonal naive), with a band from their
// own errors on the training part.
#ifndef RECUR_MODEL_TRAIN_FORECAST_FORECAST_FLOORS_H_
#define RECUR_MODEL_TRAIN_FORECAST_FORECAST_FLOORS_H_

#include <vector>

#include "absl/types/span.h"

namespace recur {

struct FloorForecast {
  std::vector<double> point;      // [horizon]
  std::vector<double> quantiles;  // [horizon, levels]
};

// One target on an even grid. Missing values are bridged by the last one.
class FloorForecaster {
 public:
  // `values` (NaN: missing) are all that there are; the band is fitted on the
  // first `train` of them. A season of 1 is the naive forecast.
  FloorForecaster(absl::Span<const double> values, int train, int horizon,
                  int season, std::vector<double> levels);

  // The forecast after values[0] to values[origin], which need not be in the
  // training part; origin + 1 >= season.
  FloorForecast At(int origin) const;

 private:
  double Point(int origin, int k) const;

  std::vector<double> filled_;
  int horizon_;
  int season_;
  std::vector<double> levels_;
  std::vector<double> errors_;  // [horizon, levels], quantiles of the errors
};

// The value at `level` of ascending values, between neighbours by their
// distance (type 7 of Hyndman and Fan 1996). NaN without values.
double EmpiricalQuantile(absl::Span<const double> sorted, double level);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_FORECAST_FORECAST_FLOORS_H_
