// The weights of the features' autoregression, by ridge regression on the
// training part: for each target one fit to all steps ahead at once, pooled
// over the series or, where the features know them, of each by itself.
//
// A network that corrects a linear forecast must not learn from one that has
// been fitted to the very values it forecasts, which is better than it will
// ever be again. So there are fits that leave out a fifth of the origins each:
// consecutive ones of every series, or whole series where many share a fit.
#ifndef RECUR_MODEL_TRAIN_FORECAST_AUTOREGRESSION_FIT_H_
#define RECUR_MODEL_TRAIN_FORECAST_AUTOREGRESSION_FIT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "model/features/features.h"
#include "model/spec/feature_spec.h"
#include "model/train/forecast/forecast_data.h"

namespace recur {

struct AutoregressionFit {
  std::vector<Features> folds;    // the features, each with its fold's weights
  Weights weights;                // of the fit to everything
  std::vector<double> penalties;  // [groups, targets], as in RidgeFit
  bool whole_series = false;      // are left out

  // Which fold an origin at this step of a series was left out of, when the
  // fit ends at step `limit` of that series.
  int FoldOf(int series, int step, int limit) const;
};

// On the first limits[s] steps of every series s; empty without lags. Its cost
// is that of features for every row and of samples * lags^2; a hundred thousand
// origins are used at most, evenly spaced. It takes targets * 5 * lags * (lags
// + horizon) doubles while it lasts, and keeps 5 * groups * targets * lags *
// horizon floats.
absl::StatusOr<AutoregressionFit> FitAutoregression(
    const FeatureSpec& spec, const ForecastData& data,
    const std::vector<SeriesGrid>& grids, const std::vector<int>& limits);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_FORECAST_AUTOREGRESSION_FIT_H_
