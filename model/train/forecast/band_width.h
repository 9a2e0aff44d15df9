// Makes a forecaster's band as wide as its errors on data it has not seen.
//
// A network that was stopped early is too sure or not sure enough. The factor
// is such that the interval nearest to 80 % would have covered as much of the
// validation part as it promises; every quantile's distance from the median is
// multiplied by it. The decoder's last layer is linear, so the factor goes
// into its weights: the model file and serving need to know nothing of it.
#ifndef RECUR_MODEL_TRAIN_FORECAST_BAND_WIDTH_H_
#define RECUR_MODEL_TRAIN_FORECAST_BAND_WIDTH_H_

#include <vector>

#include "absl/types/span.h"
#include "model/spec/model_spec.h"

namespace recur {

// One factor per target, within 0.6 to 3; 1 where the levels hold no interval
// or no truth is given. In any units: truths [points, targets], NaN where
// missing, and forecasts [points, targets, levels].
std::vector<double> FitBandWidths(const std::vector<double>& levels,
                                  int targets, absl::Span<const float> truths,
                                  absl::Span<const float> forecasts);

// Changes decoder.weight_output and decoder.bias_output. The model must be a
// forecaster with quantiles.
void ScaleBand(const std::vector<double>& factors, Model* model);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_FORECAST_BAND_WIDTH_H_
