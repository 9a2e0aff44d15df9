// What series look like that are forecast, in words and figures for a report.
#ifndef RECUR_MODEL_TRAIN_FORECAST_FACTS_H_
#define RECUR_MODEL_TRAIN_FORECAST_FACTS_H_

#include <vector>

#include "model/train/forecast/forecast_data.h"
#include "model/train/report/report.h"

namespace recur {

// How many and how long they are, the interval and its gaps, and of every
// target and other column the mean, the range and what is missing: of all rows,
// those of the test too.
std::vector<Fact> FactsOf(const ForecastData& data);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_FORECAST_FACTS_H_
