// One network in training: minibatches in, better weights out.
//
//   auto learner = Learner::Create(spec, InitialWeights(...), options);
//   while (...) learner->Step(batch, targets);       // one update each
//   engine = CreateOnednnEngine(spec, learner->averaged());
//
// A minibatch is cut into a fixed number of shards (batch_shards.h), which the
// threads take one by one; gradients are added up in the shards' order. So the
// same calls with the same options give the same weights, bit for bit, on the
// same kind of CPU, whatever the number of threads. Each shard has a network of
// its own: memory grows with the shards, not with the threads.
//
// One thread at a time, always the same one; it must have called
// UseOneThreadPerCall().
#ifndef RECUR_MODEL_TRAIN_LEARNING_LEARNER_H_
#define RECUR_MODEL_TRAIN_LEARNING_LEARNER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/network/trainable_network.h"
#include "model/train/learning/loss.h"
#include "model/train/learning/optimizer.h"
#include "model/train/learning/shard_threads.h"
#include "model/train/learning/state_archive.h"

namespace recur {

struct LearnerOptions {
  Loss loss;
  OptimizerOptions optimizer;
  float dropout = 0.3f;
  uint64_t seed = 0;  // of the dropout masks
  int threads = 1;    // to spread a minibatch over; 0: as many as cores
};

class Learner {
 public:
  // INVALID_ARGUMENT for options out of range or weights that do not belong to
  // the network.
  static absl::StatusOr<Learner> Create(const NetworkSpec& spec,
                                        Weights initial,
                                        const LearnerOptions& options);

  // Moves the weights by one minibatch and returns its loss before that.
  // `targets` are those of all outputs at the batch's points, as EvaluateLoss
  // wants them. INTERNAL if the loss or a gradient is not finite: the rate is
  // too high.
  absl::StatusOr<double> Step(const SequenceBatch& batch,
                              absl::Span<const float> targets);

  // All that the next Step depends on beside its arguments. Read into a learner
  // of the same network and options; fails the archive if it is of another.
  void Carry(StateArchive& archive);

  int64_t steps() const { return optimizer_.updates(); }
  const Weights& weights() const { return weights_; }

  // The exponential moving average of the weights, which is the model: after
  // update n it keeps min(0.99, (n + 1) / (n + 10)) of itself, so that it
  // follows quickly at first and smoothly later.
  const Weights& averaged() const { return averaged_; }

 private:
  // One part of a minibatch on its way through a network.
  struct Shard {
    std::unique_ptr<TrainableNetwork> network;
    SequenceBatch batch;
    std::vector<float> targets;
    std::vector<float> outputs;
    std::vector<float> d_outputs;
    Weights gradients;
    double loss = 0.0;
    absl::Status status;
  };

  Learner(const LearnerOptions& options, Weights initial,
          std::vector<Shard> shards);

  absl::Status RunShard(const Dropout& dropout, int64_t given,
                        Shard* shard) const;
  absl::StatusOr<double> AddUp(int count);
  void Average();

  LearnerOptions options_;
  std::unique_ptr<ShardThreads> threads_;
  std::vector<Shard> shards_;
  Optimizer optimizer_;
  Weights weights_;
  Weights averaged_;
};

// Weights that a training keeps beside its learner: empty, or of `spec`. Fails
// the archive if it reads others.
void CarryWeights(const NetworkSpec& spec, Weights& weights,
                  StateArchive& archive);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_LEARNING_LEARNER_H_
