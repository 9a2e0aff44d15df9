// Which inputs mattered to a model: how much of all influence (explainer.h) on
// a sample of its answers comes from each.
#ifndef RECUR_MODEL_TRAIN_EXPLAIN_INPUT_SHARES_H_
#define RECUR_MODEL_TRAIN_EXPLAIN_INPUT_SHARES_H_

#include <vector>

#include "absl/status/statusor.h"
#include "model/spec/model_spec.h"
#include "model/train/classify/classify_data.h"
#include "model/train/forecast/forecast_data.h"
#include "model/train/report/report.h"

namespace recur {

// Of raw columns and the calendar, over forecasts from 24 origins in the newest
// 15 % of the training rows and every target: one step ahead, half of the
// horizon and all of it. Of many series the origins are spread over 24 of them,
// each of which counts the same whatever its size. Highest first.
absl::StatusOr<std::vector<InputShare>> ForecastInputShares(
    const Model& model, const ForecastData& data);

// Of raw columns, or of the tokens of texts, over at most 300 training
// examples (of streams over 24 steps of each), or test examples if there are
// none to train on.
absl::StatusOr<std::vector<InputShare>> ClassifierInputShares(
    const Model& model, const ClassifyData& data);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_EXPLAIN_INPUT_SHARES_H_
