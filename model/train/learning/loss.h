// What training makes small, and its gradient with respect to the network's
// outputs before the last nonlinearity (what TrainableNetwork::Forward
// writes).
//
//   kMse      (y - t)^2
//   kPinball  (t - y) * (level - [t < y]), averaged over the levels; its
//             minimum is the quantile (Koenker and Bassett 1978)
//   kSoftmax  categorical cross entropy, -log softmax(y)[t]
//   kSigmoid  binary cross entropy, -log of sigmoid(y) or of 1 - sigmoid(y)
#ifndef RECUR_MODEL_TRAIN_LEARNING_LOSS_H_
#define RECUR_MODEL_TRAIN_LEARNING_LOSS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace recur {

enum class LossKind { kMse, kPinball, kSoftmax, kSigmoid };

struct Loss {
  LossKind kind = LossKind::kSoftmax;
  std::vector<double> levels;  // kPinball: in (0, 1), at least one
  int classes = 0;             // kSoftmax
  // kSoftmax and kSigmoid: what a target of each class counts; empty: 1.
  std::vector<double> class_weights;
};

// "mse", "pinball", "softmax", "sigmoid".
absl::string_view LossName(LossKind kind);
absl::StatusOr<LossKind> ParseLossKind(absl::string_view name);

// Outputs that belong to one target: levels, classes or 1.
int OutputsPerTarget(const Loss& loss);

// The targets that count: those that are not NaN.
int64_t GivenTargets(absl::Span<const float> targets);

// These targets' part of the mean loss over `given` targets, of which they may
// be a few; a NaN target counts for nothing. Writes its gradient to d_outputs,
// which gets the size of outputs.
//   outputs  [targets, OutputsPerTarget]
//   targets  values in scaled units; kSoftmax: class numbers from 0;
//            kSigmoid: 0 or 1
// 0 and a zero gradient if no target is given. Sums in double.
double EvaluateLoss(const Loss& loss, absl::Span<const float> outputs,
                    absl::Span<const float> targets, int64_t given,
                    std::vector<float>* d_outputs);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_LEARNING_LOSS_H_
