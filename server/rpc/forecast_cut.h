// What of a model's whole forecast a caller asked for. Lanes answer all that
// the model has, or, beyond its horizon, as much as was asked for; the cut is
// made on the way out.
#ifndef RECUR_SERVER_RPC_FORECAST_CUT_H_
#define RECUR_SERVER_RPC_FORECAST_CUT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "model/servable/servable.h"
#include "model/spec/answer.h"
#include "recur/v1/recur.pb.h"

namespace recur {

struct ForecastCut {
  int horizon = 0;          // steps kept
  std::vector<int> levels;  // indices into the model's, in the order asked
};

// How far a call may reach: with the model's horizon, or beyond it, as
// Forecast alone may (server/lane/extrapolation.h).
enum class Reach { kTrained, kExtrapolated };

// INVALID_ARGUMENT: wrong_want (the model does not forecast), bad_horizon,
// unknown_quantile (naming what the model has), duplicate_quantile.
absl::StatusOr<ForecastCut> MakeForecastCut(const Servable& model,
                                            const v1::ForecastOptions& options,
                                            Reach reach = Reach::kTrained);

// The horizon asked for if that is beyond the model's; otherwise 0.
int ExtrapolatedHorizon(const Servable& model, const ForecastCut& cut);

// The known inputs that came with the options: a copy, which takes its time.
std::vector<double> KnownOf(const v1::ForecastOptions& options);

// The known inputs for the model's whole horizon from those for the steps that
// were asked for, if these are fewer. What does not fit is handed on as it is,
// for the lane to refuse.
std::vector<double> KnownInputs(const Servable& model,
                                const v1::ForecastOptions& options,
                                std::vector<double> known);

// `forecast` must be an answer of this model with as many steps as the cut, or
// more.
void EncodeForecast(const Servable& model, const Forecast& forecast,
                    const ForecastCut& cut, v1::ForecastAnswer* out);

}  // namespace recur

#endif  // RECUR_SERVER_RPC_FORECAST_CUT_H_
