// What is told at the end of a training: tables for people, metrics.json for
// programs. Both show the same numbers.
#ifndef RECUR_MODEL_TRAIN_REPORT_H_
#define RECUR_MODEL_TRAIN_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "model/train/classification_metrics.h"
#include "model/train/forecast_metrics.h"

namespace recur {

// How the model came to be.
struct TrainingSummary {
  std::string data;  // the file
  int train_rows = 0;
  int test_rows = 0;
  uint64_t seed = 0;
  int steps = 0;
  double seconds = 0.0;
  double validation = 0.0;  // NaN: none
};

// One target's scores on the test part: the model first, then the floors.
struct ForecastTable {
  std::string target;
  int season = 1;  // of MASE
  std::vector<ForecastScore> scores;
};

struct ForecastReport {
  TrainingSummary training;
  int horizon = 0;
  int windows = 0;
  std::string first_test;  // time or row of the first and the last test row
  std::string last_test;
  std::vector<ForecastTable> tables;  // empty: there was no test
};

struct ClassificationReport {
  TrainingSummary training;
  std::vector<ClassificationScore> scores;  // empty: there was no test
};

std::string ForecastText(const ForecastReport& report);
std::string ClassificationText(const ClassificationReport& report);

// Indented JSON with a final newline; what is not a number is null.
std::string ForecastJson(const ForecastReport& report);
std::string ClassificationJson(const ClassificationReport& report);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_REPORT_H_
