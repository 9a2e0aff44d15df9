#include "model/train/learner.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_format.h"
#include "model/network/onednn/onednn_trainable_network.h"
#include "model/train/random.h"

namespace recur {
namespace {

constexpr double kSlowestAverage = 0.99;

absl::Status Diverged(double loss, int64_t step) {
  return absl::InternalError(absl::StrFormat(
      "training diverged: the loss is %g at step %d; try a lower "
      "--learning-rate or a --clip above 0",
      loss, step));
}

}  // namespace

absl::StatusOr<Learner> Learner::Create(const NetworkSpec& spec,
                                        Weights initial,
                                        const LearnerOptions& options) {
  if (auto s = ValidateOptimizer(options.optimizer); !s.ok()) return s;
  if (!(options.dropout >= 0.0f && options.dropout < 1.0f)) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "dropout is %g; it must be in [0, 1)", options.dropout));
  }
  auto network = CreateOnednnTrainableNetwork(spec, initial);
  if (!network.ok()) return network.status();
  return Learner(*std::move(network), std::move(initial), options);
}

Learner::Learner(std::unique_ptr<TrainableNetwork> network, Weights initial,
                 const LearnerOptions& options)
    : options_(options),
      network_(std::move(network)),
      optimizer_(options.optimizer),
      weights_(initial),
      averaged_(std::move(initial)) {}

absl::StatusOr<double> Learner::Step(const SequenceBatch& batch,
                                     absl::Span<const float> targets) {
  const int64_t step = optimizer_.updates() + 1;
  const Dropout dropout{
      options_.dropout,
      Random(options_.seed + static_cast<uint64_t>(step)).Next()};
  if (auto s = network_->Forward(batch, dropout, &outputs_); !s.ok()) return s;
  const double loss =
      EvaluateLoss(options_.loss, outputs_, targets, &d_outputs_);
  if (!std::isfinite(loss)) return Diverged(loss, step);
  if (auto s = network_->Backward(d_outputs_, &gradients_); !s.ok()) return s;
  if (!std::isfinite(GlobalNorm(gradients_))) return Diverged(loss, step);
  optimizer_.Update(&gradients_, &weights_);
  if (auto s = network_->SetWeights(weights_); !s.ok()) return s;
  Average();
  return loss;
}

void Learner::Average() {
  const auto n = static_cast<double>(optimizer_.updates());
  const auto keep =
      static_cast<float>(std::min(kSlowestAverage, n / (n + 9.0)));
  for (auto& [name, average] : averaged_) {
    const std::vector<float>& now = weights_.find(name)->second.values;
    for (size_t i = 0; i < now.size(); ++i) {
      average.values[i] = keep * average.values[i] + (1.0f - keep) * now[i];
    }
  }
}

}  // namespace recur
