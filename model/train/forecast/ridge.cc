#include "model/train/forecast/ridge.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <limits>

namespace recur {
namespace {

using Matrix =
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr int kBuffered = 256;  // samples that are added up in one go

struct Sums {
  Matrix xx;  // the lower triangle
  Matrix xy;
  double yy = 0.0;
  double samples = 0.0;
};

Matrix Solve(const Sums& sums, double penalty) {
  // An input that is always 0 keeps the weight 0.
  const double mean = sums.xx.trace() / static_cast<double>(sums.xx.rows());
  if (!(mean > 0.0)) return Matrix::Zero(sums.xy.rows(), sums.xy.cols());
  Matrix regular = sums.xx;
  regular.diagonal().array() += penalty * mean;
  return regular.selfadjointView<Eigen::Lower>().llt().solve(sums.xy);
}

// The sum of squared errors of these weights on the samples of the sums.
double Error(const Sums& sums, const Matrix& weights) {
  const Matrix through = sums.xx.selfadjointView<Eigen::Lower>() * weights;
  return sums.yy - 2.0 * weights.cwiseProduct(sums.xy).sum() +
         weights.cwiseProduct(through).sum();
}

std::vector<double> Values(const Matrix& matrix) {
  return {matrix.data(), matrix.data() + matrix.size()};
}

}  // namespace

struct RidgeSums::Fold {
  Sums sums;
  Matrix x;
  Matrix y;
  int buffered = 0;

  Fold(int inputs, int outputs)
      : sums{Matrix::Zero(inputs, inputs), Matrix::Zero(inputs, outputs)},
        x(kBuffered, inputs),
        y(kBuffered, outputs) {}

  void Flush() {
    const auto own_x = x.topRows(buffered);
    const auto own_y = y.topRows(buffered);
    sums.xx.selfadjointView<Eigen::Lower>().rankUpdate(own_x.transpose());
    sums.xy.noalias() += own_x.transpose() * own_y;
    sums.yy += own_y.squaredNorm();
    sums.samples += buffered;
    buffered = 0;
  }
};

RidgeSums::RidgeSums(int inputs, int outputs, int folds)
    : inputs_(inputs), outputs_(outputs) {
  for (int i = 0; i < folds; ++i) {
    folds_.push_back(std::make_unique<Fold>(inputs, outputs));
  }
}

RidgeSums::~RidgeSums() = default;
RidgeSums::RidgeSums(RidgeSums&&) noexcept = default;

void RidgeSums::Add(int fold, absl::Span<const double> x,
                    absl::Span<const double> y) {
  Fold& own = *folds_[fold];
  own.x.row(own.buffered) =
      Eigen::Map<const Eigen::RowVectorXd>(x.data(), inputs_);
  own.y.row(own.buffered) =
      Eigen::Map<const Eigen::RowVectorXd>(y.data(), outputs_);
  ++samples_;
  if (++own.buffered == kBuffered) own.Flush();
}

RidgeFit RidgeSums::Fit() {
  Sums all{Matrix::Zero(inputs_, inputs_), Matrix::Zero(inputs_, outputs_)};
  for (const auto& fold : folds_) {
    fold->Flush();
    all.xx += fold->sums.xx;
    all.xy += fold->sums.xy;
    all.samples += fold->sums.samples;
  }
  RidgeFit best;
  double least = std::numeric_limits<double>::infinity();
  for (double penalty : {1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1}) {
    double error = 0.0;
    std::vector<std::vector<double>> weights;
    for (const auto& fold : folds_) {
      const Sums others{all.xx - fold->sums.xx, all.xy - fold->sums.xy, 0.0,
                        all.samples - fold->sums.samples};
      const Matrix own = Solve(others, penalty);
      error += Error(fold->sums, own);
      weights.push_back(Values(own));
    }
    if (!(error < least)) continue;
    least = error;
    best.penalty = penalty;
    best.folds = std::move(weights);
  }
  best.all = Values(Solve(all, best.penalty));
  return best;
}

}  // namespace recur
