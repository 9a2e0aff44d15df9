#include "model/train/learning/learner.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_format.h"
#include "model/network/batch_check.h"
#include "model/network/onednn/onednn_trainable_network.h"
#include "model/network/weight_check.h"
#include "model/train/learning/batch_shards.h"
#include "model/train/learning/random.h"

namespace recur {
namespace {

constexpr double kSlowestAverage = 0.99;

absl::Status Diverged(double loss, int64_t step) {
  return absl::InternalError(absl::StrFormat(
      "training diverged: the loss is %g at step %d; try a lower "
      "--learning-rate or a --clip above 0",
      loss, step));
}

void AddValues(const std::vector<float>& values, std::vector<float>* sum) {
  for (size_t i = 0; i < values.size(); ++i) (*sum)[i] += values[i];
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
  if (options.threads < 0) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "threads is %d; it must be 0 (as many as cores) or more",
        options.threads));
  }
  std::vector<Shard> shards(kBatchShards);
  for (Shard& shard : shards) {
    auto network = CreateOnednnTrainableNetwork(spec, initial);
    if (!network.ok()) return network.status();
    shard.network = *std::move(network);
  }
  return Learner(options, std::move(initial), std::move(shards));
}

Learner::Learner(const LearnerOptions& options, Weights initial,
                 std::vector<Shard> shards)
    : options_(options),
      threads_(std::make_unique<ShardThreads>(
          std::min(kBatchShards,
                   options.threads > 0 ? options.threads : AvailableCores()))),
      shards_(std::move(shards)),
      optimizer_(options.optimizer),
      weights_(initial),
      averaged_(std::move(initial)) {}

absl::Status Learner::RunShard(const Dropout& dropout, int64_t given,
                               Shard* shard) const {
  if (auto s = shard->network->SetWeights(weights_); !s.ok()) return s;
  if (auto s = shard->network->Forward(shard->batch, dropout, &shard->outputs);
      !s.ok()) {
    return s;
  }
  shard->loss = EvaluateLoss(options_.loss, shard->outputs, shard->targets,
                             given, &shard->d_outputs);
  return shard->network->Backward(shard->d_outputs, &shard->gradients);
}

// The loss; the gradients are then the first shard's.
absl::StatusOr<double> Learner::AddUp(int count) {
  double loss = 0.0;
  for (int i = 0; i < count; ++i) {
    if (!shards_[i].status.ok()) return shards_[i].status;
    loss += shards_[i].loss;
  }
  for (auto& [name, sum] : shards_[0].gradients) {
    for (int i = 1; i < count; ++i) {
      AddValues(shards_[i].gradients.find(name)->second.values, &sum.values);
    }
  }
  return loss;
}

absl::StatusOr<double> Learner::Step(const SequenceBatch& batch,
                                     absl::Span<const float> targets) {
  const NetworkSpec& spec = shards_[0].network->spec();
  if (auto s = CheckSequenceBatch(spec, batch); !s.ok()) return s;
  const int64_t step = optimizer_.updates() + 1;
  Random masks(options_.seed + static_cast<uint64_t>(step));
  const uint64_t mask_seed = masks.Next();
  const int64_t given = GivenTargets(targets);
  const int count = ShardCount(batch.rows);
  threads_->Run(count, [&](int i) {
    Shard& shard = shards_[i];
    CutShard(batch, targets, i, &shard.batch, &shard.targets);
    const Dropout dropout{options_.dropout,
                          mask_seed + static_cast<uint64_t>(i)};
    shard.status = RunShard(dropout, given, &shard);
  });
  auto loss = AddUp(count);
  if (!loss.ok()) return loss;
  if (!std::isfinite(*loss) ||
      !std::isfinite(optimizer_.Update(&shards_[0].gradients, &weights_))) {
    return Diverged(*loss, step);
  }
  Average();
  return loss;
}

void Learner::Carry(StateArchive& archive) {
  const NetworkSpec& spec = shards_[0].network->spec();
  OptimizerState memory = optimizer_.state();
  Weights weights = weights_;
  Weights averaged = averaged_;
  archive(memory.updates);
  for (Weights* own : {&memory.first, &memory.second, &weights, &averaged}) {
    CarryWeights(spec, *own, archive);
  }
  if (weights.empty() || averaged.empty()) archive.Fail("has no weights");
  if (!archive.reading() || archive.failed()) return;
  optimizer_.set_state(std::move(memory));
  weights_ = std::move(weights);
  averaged_ = std::move(averaged);
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

void CarryWeights(const NetworkSpec& spec, Weights& weights,
                  StateArchive& archive) {
  archive(weights);
  if (!archive.reading() || archive.failed() || weights.empty()) return;
  const absl::Status status = CheckWeights(spec, weights);
  if (!status.ok()) archive.Fail(status.message());
}

}  // namespace recur
