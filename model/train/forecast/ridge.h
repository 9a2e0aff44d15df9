// Ridge regression of many outputs at once from sums that are gathered sample
// by sample, in folds, so that each fold can be predicted by a fit to the
// others without going through the samples again. Sums and solutions are
// doubles.
#ifndef RECUR_MODEL_TRAIN_FORECAST_RIDGE_H_
#define RECUR_MODEL_TRAIN_FORECAST_RIDGE_H_

#include <memory>
#include <vector>

#include "absl/types/span.h"

namespace recur {

struct RidgeFit {
  // The penalty times the mean of the inputs' squares is added to the sums:
  // that one of 1e-6 to 1e-1 which predicts the folds left out best.
  double penalty = 0.0;
  std::vector<double> all;                 // [inputs, outputs]
  std::vector<std::vector<double>> folds;  // fitted without that fold
};

// One thread at a time. Memory: folds * inputs * (inputs + outputs) doubles.
class RidgeSums {
 public:
  RidgeSums(int inputs, int outputs, int folds);
  ~RidgeSums();
  RidgeSums(RidgeSums&&) noexcept;

  // x [inputs], y [outputs].
  void Add(int fold, absl::Span<const double> x, absl::Span<const double> y);

  int64_t samples() const { return samples_; }

  // A fold without samples is fitted like all. Zeros without any sample.
  RidgeFit Fit();

 private:
  struct Fold;

  int inputs_;
  int outputs_;
  int64_t samples_ = 0;
  std::vector<std::unique_ptr<Fold>> folds_;
};

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_FORECAST_RIDGE_H_
