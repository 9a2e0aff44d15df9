// A saved model on data that it has not been trained on: which columns it
// needs is in its spec, what they are called beside that is asked for.
#ifndef RECUR_MODEL_TRAIN_EVALUATION_H_
#define RECUR_MODEL_TRAIN_EVALUATION_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "model/spec/model_spec.h"
#include "model/train/report/report.h"

namespace recur {

struct EvaluationOptions {
  std::string time;  // column of times
  // Of forecasters.
  // Column that tells several series apart; empty: that by which the model
  // knows its series, if it does.
  std::string series;
  std::optional<int> test_rows;  // the newest ones, which are scored
  int season = 0;                // as of ScoreForecaster
  // Of classifiers, as in ClassifyDataOptions.
  std::string text;
  std::string sequence_id;
  std::string label;
  bool label_per_step = false;
};

// From rolling origins, a horizon apart, over the newest rows of each series.
// Without test_rows these are all but the rows that come first: a tenth, or as
// many as the longest season and a horizon need, of the shortest series. Beside
// the model are the naive forecasts and its own linear one (linear_floor.h).
// INVALID_ARGUMENT or NOT_FOUND naming the file, and what is missing or wrong
// in it, as a series that the model does not know.
absl::StatusOr<ForecastReport> EvaluateForecaster(
    const Model& model, const std::string& path,
    const EvaluationOptions& options);

// Over all examples of the file, a CSV or a .ts one. A label that the model
// does not know is refused with its line. The majority class is that of this
// file.
absl::StatusOr<ClassificationReport> EvaluateClassifier(
    const Model& model, const std::string& path,
    const EvaluationOptions& options);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_EVALUATION_H_
