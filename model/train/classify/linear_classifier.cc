#include "model/train/classify/linear_classifier.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "model/train/learning/random.h"

namespace recur {
namespace {

constexpr float kRate = 0.2f;
constexpr float kEpsilon = 1e-6f;

}  // namespace

LinearClassifier::LinearClassifier(int classes, int width)
    : classes_(classes),
      width_(width),
      weights_((static_cast<size_t>(width) + 1) * classes),
      squares_(weights_.size()) {}

void LinearClassifier::Scores(const SparseRow& row,
                              std::vector<double>* scores) const {
  const float* bias = weights_.data() + static_cast<size_t>(width_) * classes_;
  scores->assign(bias, bias + classes_);
  for (const SparseInput& input : row) {
    const float* own =
        weights_.data() + static_cast<size_t>(input.index) * classes_;
    for (int k = 0; k < classes_; ++k) (*scores)[k] += input.value * own[k];
  }
}

void LinearClassifier::Move(int32_t index, float value,
                            const std::vector<double>& slopes) {
  const size_t at = static_cast<size_t>(index) * classes_;
  for (int k = 0; k < classes_; ++k) {
    const float slope = static_cast<float>(slopes[k]) * value;
    squares_[at + k] += slope * slope;
    weights_[at + k] -=
        kRate * slope / (std::sqrt(squares_[at + k]) + kEpsilon);
  }
}

void LinearClassifier::Train(const std::vector<SparseRow>& rows,
                             absl::Span<const int> truth, int passes,
                             uint64_t seed) {
  Random random(seed);
  std::vector<int> order(rows.size());
  std::iota(order.begin(), order.end(), 0);
  std::vector<double> slopes;
  for (int pass = 0; pass < passes; ++pass) {
    random.Shuffle(&order);
    for (int i : order) {
      Scores(rows[i], &slopes);
      const double highest = *std::max_element(slopes.begin(), slopes.end());
      double total = 0.0;
      for (double& score : slopes) {
        total += score = std::exp(score - highest);
      }
      for (double& score : slopes) score /= total;
      slopes[truth[i]] -= 1.0;
      for (const SparseInput& input : rows[i]) {
        Move(input.index, input.value, slopes);
      }
      Move(width_, 1.0f, slopes);
    }
  }
}

int LinearClassifier::Call(const SparseRow& row) const {
  std::vector<double> scores;
  Scores(row, &scores);
  return static_cast<int>(std::max_element(scores.begin(), scores.end()) -
                          scores.begin());
}

}  // namespace recur
