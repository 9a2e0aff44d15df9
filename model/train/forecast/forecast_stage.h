// One division of the rows into those that are fitted on and those that are
// judged, with everything that is computed once for it.
#ifndef RECUR_MODEL_TRAIN_FORECAST_FORECAST_STAGE_H_
#define RECUR_MODEL_TRAIN_FORECAST_FORECAST_STAGE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "model/train/forecast/autoregression_fit.h"
#include "model/train/forecast/forecast_data.h"
#include "model/train/forecast/forecast_plan.h"
#include "model/train/forecast/forecast_windows.h"

namespace recur {

struct ForecastStage {
  std::vector<int> limits;  // per series: the steps that are fitted on
  AutoregressionFit autoregression;
  ForecastTrace trace;
  std::vector<int> learnt;  // origins whose horizon is fitted on, ascending
  std::vector<int> judged;  // of those after them about 400, evenly spaced
};

// fit_rows[s] of the first rows[s] rows of series s are fitted on.
absl::StatusOr<ForecastStage> MakeStage(const ForecastData& data,
                                        const ForecastPlan& plan,
                                        const std::vector<SeriesGrid>& grids,
                                        const std::vector<int>& fit_rows,
                                        const std::vector<int>& rows);

// The rows that are fitted on while the number of steps is searched: those
// before the given validation rows, or all but the last `validation` part of
// the training rows; of many series all but a horizon. INVALID_ARGUMENT if
// that leaves nothing to judge or to train on.
absl::StatusOr<std::vector<int>> SearchRows(const ForecastData& data,
                                            double validation);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_FORECAST_FORECAST_STAGE_H_
