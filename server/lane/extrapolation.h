// Which forecasts may reach beyond the horizon that a model was trained for.
//
// Such a forecast is made in parts. The first is the model's own; its points
// are then fed to a copy of the sequence state as if they had been observed,
// and the next part is the model's forecast from there, and so on. So the
// quantiles of a later part are those around one path, the points before: that
// the path is uncertain itself is not in them, and they are too narrow. Pure.
#ifndef RECUR_SERVER_LANE_EXTRAPOLATION_H_
#define RECUR_SERVER_LANE_EXTRAPOLATION_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "model/servable/servable.h"
#include "model/spec/answer.h"

namespace recur {

// An extrapolated forecast is at most this many times as long as the model's,
// and has at most this many points, which are steps times targets.
inline constexpr int kMaxExtrapolation = 10;
inline constexpr int kMaxExtrapolatedPoints = 4096;

// The longest horizon that a forecast may have: a multiple of the model's. The
// model's own if it cannot be fed back, for it has an input that is neither a
// target nor known ahead, or takes whole sequences only. For models that
// forecast.
int LongestHorizon(const Servable& model);

// INVALID_ARGUMENT bad_horizon (details horizon, the model's; longest_horizon;
// column, an input that stands in the way) beyond LongestHorizon.
absl::Status CheckHorizon(const Servable& model, int64_t horizon);

// Known inputs [steps, known columns] for as many whole horizons of the model
// as these steps take. A step's forecast does not depend on other steps'
// inputs, so the last row stands in for the steps that are cut off again.
void FillUpKnown(const Servable& model, std::vector<double>* known);

// Appends the next part.
void Append(const Forecast& part, Forecast* whole);

}  // namespace recur

#endif  // RECUR_SERVER_LANE_EXTRAPOLATION_H_
