// How good classifications were.
#ifndef RECUR_MODEL_TRAIN_REPORT_CLASSIFICATION_METRICS_H_
#define RECUR_MODEL_TRAIN_REPORT_CLASSIFICATION_METRICS_H_

#include <string>
#include <vector>

#include "absl/types/span.h"

namespace recur {

struct ClassScore {
  std::string label;
  int support = 0;  // examples that are of the class
  // Of those called so, the part that is; 0 if none was called so.
  double precision = 0.0;
  // Of those that are, the part called so; 0 if none is.
  double recall = 0.0;
  double f1 = 0.0;  // their harmonic mean, 0 if both are 0
};

struct ClassificationScore {
  std::string name;  // whose: "model", "majority class"
  int examples = 0;
  double accuracy = 0.0;
  // Means over the classes that occur among the truths.
  double macro_precision = 0.0;
  double macro_recall = 0.0;
  double macro_f1 = 0.0;
  std::vector<ClassScore> classes;          // one per label
  std::vector<std::vector<int>> confusion;  // [truth, called]
};

// truth and called hold class numbers below labels.size(), one per example.
ClassificationScore ScoreClasses(std::string name,
                                 const std::vector<std::string>& labels,
                                 absl::Span<const int> truth,
                                 absl::Span<const int> called);

// The most frequent class, the lowest of equally frequent ones; 0 for none.
int MajorityClass(int classes, absl::Span<const int> truth);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_REPORT_CLASSIFICATION_METRICS_H_
