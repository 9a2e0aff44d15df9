// Every answer for a test part as a CSV file, for judges and plots of other
// tools. Numbers have 17 digits: a double reads back as it was.
#ifndef RECUR_MODEL_TRAIN_PREDICTIONS_H_
#define RECUR_MODEL_TRAIN_PREDICTIONS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "model/servable/servable.h"
#include "model/train/classify/classify_data.h"
#include "model/train/classify/classify_examples.h"
#include "model/train/forecast/forecast_data.h"

namespace recur {

// A row per origin of the test part, step ahead and target:
//   series   its id, empty if there is only one
//   target   the column
//   origin   the row of the series that was the last one seen, from 1
//   step     steps after it, from 1
//   truth    empty where missing
//   point, and a column per quantile level, named by it: 0.1
// `stride` is the distance of origins in steps; 0: the horizon. INTERNAL if the
// file cannot be written.
absl::Status WriteForecasts(const std::string& path, const Servable& model,
                            const ForecastData& data, int stride);

// A row per labelled step of the test examples, in order:
//   line     of the file, of the example or of the step
//   truth    the label
//   label    the most probable one
//   p(L)     the probability of label L, for each
absl::Status WriteClasses(const std::string& path, const Servable& model,
                          const ClassifyData& data,
                          const std::vector<ClassifyExample>& examples);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_PREDICTIONS_H_
