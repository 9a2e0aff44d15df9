#include "model/train/report/classification_metrics.h"

#include <algorithm>
#include <utility>

namespace recur {
namespace {

double Part(int count, int of) {
  return of > 0 ? static_cast<double>(count) / of : 0.0;
}

ClassScore ScoreClass(const std::vector<std::vector<int>>& confusion, int own,
                      const std::string& label) {
  int called = 0;
  int support = 0;
  for (size_t other = 0; other < confusion.size(); ++other) {
    called += confusion[other][own];
    support += confusion[own][other];
  }
  ClassScore score{label, support};
  score.precision = Part(confusion[own][own], called);
  score.recall = Part(confusion[own][own], support);
  const double sum = score.precision + score.recall;
  if (sum > 0.0) score.f1 = 2.0 * score.precision * score.recall / sum;
  return score;
}

}  // namespace

ClassificationScore ScoreClasses(std::string name,
                                 const std::vector<std::string>& labels,
                                 absl::Span<const int> truth,
                                 absl::Span<const int> called) {
  ClassificationScore score;
  score.name = std::move(name);
  score.examples = static_cast<int>(truth.size());
  score.confusion.assign(labels.size(), std::vector<int>(labels.size()));
  int right = 0;
  for (size_t i = 0; i < truth.size(); ++i) {
    ++score.confusion[truth[i]][called[i]];
    if (truth[i] == called[i]) ++right;
  }
  score.accuracy = Part(right, score.examples);
  int occurring = 0;
  for (size_t i = 0; i < labels.size(); ++i) {
    const ClassScore own =
        ScoreClass(score.confusion, static_cast<int>(i), labels[i]);
    score.classes.push_back(own);
    if (own.support == 0) continue;
    ++occurring;
    score.macro_precision += own.precision;
    score.macro_recall += own.recall;
    score.macro_f1 += own.f1;
  }
  const double divisor = std::max(1, occurring);
  score.macro_precision /= divisor;
  score.macro_recall /= divisor;
  score.macro_f1 /= divisor;
  return score;
}

int MajorityClass(int classes, absl::Span<const int> truth) {
  std::vector<int> counts(std::max(1, classes));
  for (int label : truth) ++counts[label];
  return static_cast<int>(std::max_element(counts.begin(), counts.end()) -
                          counts.begin());
}

}  // namespace recur
