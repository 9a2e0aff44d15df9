// What a network in training answers at given origins of a trace, and how good
// that is.
#ifndef RECUR_MODEL_TRAIN_FORECAST_FORECAST_JUDGE_H_
#define RECUR_MODEL_TRAIN_FORECAST_FORECAST_JUDGE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/spec/model_spec.h"
#include "model/train/forecast/forecast_windows.h"

namespace recur {

// [origins, OutputSize(network)]. Every series goes through the network from a
// zero state, which begins `warm_up` steps before its first origin: what lies
// longer ago no longer matters to a network that was trained on shorter
// windows. `origins` are indices into trace.origins, ascending.
absl::StatusOr<std::vector<float>> AnswersAt(const NetworkSpec& network,
                                             const Weights& weights,
                                             const ForecastTrace& trace,
                                             absl::Span<const int> origins,
                                             int warm_up);

// The mean quantile loss (2 * pinball; without levels the root of the mean
// squared error) of each target over its column's scale, of forecasts in
// features' units. NaN where no target is given.
std::vector<double> ForecastErrors(const ModelSpec& spec,
                                   const ForecastTrace& trace,
                                   absl::Span<const int> origins,
                                   absl::Span<const float> forecasts);

// The mean of those of the targets. Infinite if none is given.
double ForecastError(const ModelSpec& spec, const ForecastTrace& trace,
                     absl::Span<const int> origins,
                     absl::Span<const float> forecasts);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_FORECAST_FORECAST_JUDGE_H_
