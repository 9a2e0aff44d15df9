// The one sentence that a report begins with: whether the model is worth
// having. It does not flatter: a model that is no better than the simplest
// answers is told so.
#ifndef RECUR_MODEL_TRAIN_REPORT_REPORT_VERDICT_H_
#define RECUR_MODEL_TRAIN_REPORT_REPORT_VERDICT_H_

#include <string>

#include "model/train/report/report.h"

namespace recur {

struct Verdict {
  enum class Kind { kBetter, kEven, kWorse, kUntested };
  Kind kind = Kind::kUntested;
  std::string sentence;
};

// By the mean absolute error against that of the best floor; within 1 % it is
// even. With several targets by the mean of the ratios.
Verdict VerdictOn(const ForecastReport& report);

// By the accuracy against that of the best floor; even if they differ by less
// than the 95 % error of the test (normal approximation of a proportion).
Verdict VerdictOn(const ClassificationReport& report);

// Half the width of the 95 % interval around an accuracy.
double AccuracyError(const ClassificationScore& score);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_REPORT_REPORT_VERDICT_H_
