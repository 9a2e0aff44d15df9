// Multinomial logistic regression on sparse inputs: the simplest classifier
// that learns, as a floor under the recurrent ones.
#ifndef RECUR_MODEL_TRAIN_CLASSIFY_LINEAR_CLASSIFIER_H_
#define RECUR_MODEL_TRAIN_CLASSIFY_LINEAR_CLASSIFIER_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace recur {

// One input: its values other than zero, by index.
struct SparseInput {
  int32_t index = 0;
  float value = 0.0f;
};
using SparseRow = std::vector<SparseInput>;

class LinearClassifier {
 public:
  // Inputs have indices below `width`; there is a bias beside them.
  LinearClassifier(int classes, int width);

  // Goes through the rows `passes` times in an order drawn by the seed, with
  // stochastic gradients of the cross entropy and a rate per weight (AdaGrad,
  // Duchi et al. 2011). The same arguments give the same weights.
  void Train(const std::vector<SparseRow>& rows, absl::Span<const int> truth,
             int passes, uint64_t seed);

  // The most probable class.
  int Call(const SparseRow& row) const;

 private:
  void Scores(const SparseRow& row, std::vector<double>* scores) const;
  void Move(int32_t index, float value, const std::vector<double>& slopes);

  int classes_;
  int width_;
  std::vector<float> weights_;  // [width + 1, classes], the bias last
  std::vector<float> squares_;  // the same: sums of squared gradients
};

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_CLASSIFY_LINEAR_CLASSIFIER_H_
