// What is told at the end of a training or an evaluation: tables for people,
// metrics.json for programs, report.html for colleagues. All of them show the
// same numbers. These are plain values that trainers fill in; what is left
// empty is not shown.
#ifndef RECUR_MODEL_TRAIN_REPORT_REPORT_H_
#define RECUR_MODEL_TRAIN_REPORT_REPORT_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "model/train/learning/state_archive.h"
#include "model/train/report/classification_metrics.h"
#include "model/train/report/forecast_metrics.h"

namespace recur {

// A line about the data: {"interval", "1 day"}, {"gaps", "none"},
// {"longest text", "31 words"}.
struct Fact {
  std::string name;
  std::string text;
};

// One look at a training under way.
struct LearningPoint {
  int step = 0;  // updates so far
  double loss = std::numeric_limits<double>::quiet_NaN();
  // On the validation part; NaN: not looked at it here.
  double validation = std::numeric_limits<double>::quiet_NaN();

  void Carry(StateArchive& archive) { archive(step, loss, validation); }
};

struct LearningCurve {
  std::string phase;  // "searching", "training"
  std::vector<LearningPoint> points;
  int best_step = 0;  // whose weights were kept; 0: the last

  void Carry(StateArchive& archive) { archive(phase, points, best_step); }
};

// One setting that was tried.
struct Trial {
  std::string settings;  // "hidden 64, layers 2, dropout 0.2"
  double validation = std::numeric_limits<double>::quiet_NaN();
  double seconds = 0.0;
  bool chosen = false;
};

// How much of an answer comes from one input, of all inputs together.
struct InputShare {
  std::string name;  // a raw column, or a token
  double share = 0.0;
};

// How the model came to be.
struct TrainingSummary {
  // The directory of a saved model that was scored on data it has not seen;
  // empty: the model was trained here.
  std::string model;
  std::string data;  // the file
  int train_rows = 0;
  int test_rows = 0;
  uint64_t seed = 0;
  int steps = 0;
  double seconds = 0.0;
  double validation = 0.0;           // NaN: none
  std::string validation_name;       // what it measures: "quantile loss"
  std::vector<Fact> facts;           // what the data look like
  std::vector<std::string> choices;  // what was chosen and why, a line each
  std::vector<LearningCurve> curves;
  std::vector<Trial> trials;
};

// One forecast of one target beside what came.
struct ForecastWindow {
  std::string kind;    // "best", "typical", "worst", "newest"
  std::string origin;  // time or row of the last value seen
  double loss = 0.0;   // as ForecastScore::quantile_loss; MAE without levels
  std::vector<double> context;    // the values seen last; NaN: missing
  std::vector<double> truth;      // [horizon]; NaN: missing
  std::vector<double> point;      // [horizon]
  std::vector<double> quantiles;  // [horizon, levels]
};

// One target's scores on the test part: the model first, then the floors.
struct ForecastTable {
  std::string target;
  int season = 1;  // of MASE
  std::vector<ForecastScore> scores;
  std::vector<ForecastWindow> windows;
};

struct ForecastReport {
  TrainingSummary training;
  int horizon = 0;
  std::vector<double> levels;
  int windows = 0;
  std::string first_test;  // time or row of the first and the last test row
  std::string last_test;
  std::vector<ForecastTable> tables;  // empty: there was no test
  std::vector<InputShare> inputs;     // highest share first
};

struct ClassificationReport {
  TrainingSummary training;
  // The model first, then the floors; empty: there was no test.
  std::vector<ClassificationScore> scores;
  std::vector<int> train_examples;  // per label
  std::vector<InputShare> inputs;   // highest share first
};

std::string ForecastText(const ForecastReport& report);
std::string ClassificationText(const ClassificationReport& report);

// Indented JSON with a final newline; what is not a number is null.
std::string ForecastJson(const ForecastReport& report);
std::string ClassificationJson(const ClassificationReport& report);

// One page that needs nothing from elsewhere, for a browser (report_page.h).
std::string ForecastHtml(const ForecastReport& report);
std::string ClassificationHtml(const ClassificationReport& report);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_REPORT_REPORT_H_
