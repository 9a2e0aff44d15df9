#include "model/network/onednn/onednn_trainable_network.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "model/network/batch_check.h"
#include "model/network/onednn/layer_stack.h"
#include "model/network/onednn/onednn_engine.h"
#include "model/network/onednn/onednn_status.h"
#include "model/network/onednn/trainable_head.h"
#include "model/network/weight_check.h"

namespace recur {
namespace {

// Shapes whose primitives and buffers are kept. A data set comes in full
// minibatches, a last smaller one and those of the validation tail.
constexpr size_t kKeptShapes = 4;

// Sequences of different lengths are padded to whole multiples of this, so that
// the minibatches of a data set have few shapes. (Those of one length are not:
// theirs is the only shape.) Nothing but the batch decides, or the same batch
// would have other bits after others.
constexpr int kRaggedSteps = 8;

int PaddedSteps(const SequenceBatch& batch) {
  const auto [shortest, longest] =
      std::minmax_element(batch.lengths.begin(), batch.lengths.end());
  if (*shortest == *longest) return *longest;
  return (*longest + kRaggedSteps - 1) / kRaggedSteps * kRaggedSteps;
}

// Tells the mask of the head's input from those of the layers.
constexpr uint64_t kSummaryStream = 1u << 21;

class OnednnTrainableNetwork : public TrainableNetwork {
 public:
  explicit OnednnTrainableNetwork(const NetworkSpec& spec)
      : spec_(spec),
        layers_(MakeRecurrentWeights(execution_.engine(), spec)),
        head_(CreateTrainableHead(spec)) {}

  const NetworkSpec& spec() const override { return spec_; }
  absl::Status SetWeights(const Weights& weights) override;
  absl::Status Forward(const SequenceBatch& batch, const Dropout& dropout,
                       std::vector<float>* outputs) override;
  absl::Status Backward(absl::Span<const float> d_outputs,
                        Weights* gradients) override;
  absl::Status BackwardToInputs(absl::Span<const float> d_outputs,
                                InputGradients* gradients) override;

 private:
  void CopyWeights(const Weights& weights);
  LayerStack* StackFor(int steps, int rows);
  void FillInputs(const SequenceBatch& batch);
  void RunForward(const SequenceBatch& batch, const Dropout& dropout,
                  std::vector<float>* outputs);
  void RunBackward(absl::Span<const float> d_outputs, Weights* gradients);
  void EmbeddingGradient(Weights* gradients) const;

  NetworkSpec spec_;
  Execution execution_;
  std::vector<float> embedding_;         // [vocabulary, embedding]
  std::deque<RecurrentWeights> layers_;  // [layers, directions]
  std::unique_ptr<TrainableHead> head_;
  std::deque<std::unique_ptr<LayerStack>> stacks_;  // latest first

  // Of the last Forward.
  LayerStack* stack_ = nullptr;
  std::vector<int> lengths_;
  std::vector<int32_t> tokens_;
  std::vector<HeadPoint> points_;
  DropoutMask summary_mask_;
};

void OnednnTrainableNetwork::CopyWeights(const Weights& weights) {
  SetRecurrentWeights(spec_, weights, &layers_);
  if (spec_.vocabulary_size > 0) {
    embedding_ = weights.find("embedding.weight")->second.values;
  }
  head_->SetWeights(weights);
}

absl::Status OnednnTrainableNetwork::SetWeights(const Weights& weights) {
  const absl::Status status = CheckWeights(spec_, weights);
  if (!status.ok()) return status;
  return CatchOnednn([&] { CopyWeights(weights); });
}

LayerStack* OnednnTrainableNetwork::StackFor(int steps, int rows) {
  auto found = std::find_if(stacks_.begin(), stacks_.end(), [&](auto& stack) {
    return stack->steps() == steps && stack->rows() == rows;
  });
  if (found == stacks_.end()) {
    if (stacks_.size() == kKeptShapes) stacks_.pop_back();
    stacks_.push_back(
        std::make_unique<LayerStack>(execution_.engine(), spec_, steps, rows));
    found = std::prev(stacks_.end());
  }
  std::rotate(stacks_.begin(), found, std::next(found));
  return stacks_.front().get();
}

void OnednnTrainableNetwork::FillInputs(const SequenceBatch& batch) {
  const int width = LayerInputSize(spec_, 0);
  for (int row = 0; row < batch.rows; ++row) {
    for (int step = 0; step < batch.lengths[row]; ++step) {
      const int64_t cell = int64_t{step} * batch.rows + row;
      const float* from =
          spec_.vocabulary_size > 0
              ? embedding_.data() + int64_t{batch.tokens[cell]} * width
              : batch.inputs.data() + cell * width;
      std::copy_n(from, width, stack_->Input(step, row));
    }
  }
}

void OnednnTrainableNetwork::RunForward(const SequenceBatch& batch,
                                        const Dropout& dropout,
                                        std::vector<float>* outputs) {
  stack_ = nullptr;  // stays so if anything below throws
  LayerStack* stack = StackFor(PaddedSteps(batch), batch.rows);
  stack_ = stack;
  lengths_ = batch.lengths;
  tokens_ = batch.tokens;
  points_ = batch.points;
  stack->Start(batch.lengths);
  FillInputs(batch);
  stack->Forward(&execution_, dropout, &layers_);

  const int width = SummarySize(spec_);
  std::vector<float> summaries(points_.size() * width);
  for (size_t i = 0; i < points_.size(); ++i) {
    stack->ReadSummary(points_[i], summaries.data() + i * width);
  }
  summary_mask_ = DropoutMask(dropout, kSummaryStream, summaries.size());
  summary_mask_.Apply(absl::MakeSpan(summaries));
  head_->Forward(std::move(summaries), batch.future, dropout, outputs);
}

absl::Status OnednnTrainableNetwork::Forward(const SequenceBatch& batch,
                                             const Dropout& dropout,
                                             std::vector<float>* outputs) {
  const absl::Status status = CheckSequenceBatch(spec_, batch);
  if (!status.ok()) return status;
  return CatchOnednn([&] { RunForward(batch, dropout, outputs); });
}

void OnednnTrainableNetwork::EmbeddingGradient(Weights* gradients) const {
  if (spec_.vocabulary_size == 0) return;
  const int width = spec_.embedding_size;
  float* d_embedding = (*gradients)["embedding.weight"].values.data();
  const int rows = stack_->rows();
  for (int row = 0; row < rows; ++row) {
    for (int step = 0; step < lengths_[row]; ++step) {
      const int32_t token = tokens_[int64_t{step} * rows + row];
      const float* from = stack_->InputGradient(step, row);
      float* to = d_embedding + int64_t{token} * width;
      for (int i = 0; i < width; ++i) to[i] += from[i];
    }
  }
}

void OnednnTrainableNetwork::RunBackward(absl::Span<const float> d_outputs,
                                         Weights* gradients) {
  std::vector<float> d_summaries;
  head_->Backward(d_outputs, &d_summaries, gradients);
  summary_mask_.Apply(absl::MakeSpan(d_summaries));
  stack_->StartGradients();
  const int width = SummarySize(spec_);
  for (size_t i = 0; i < points_.size(); ++i) {
    stack_->AddSummaryGradient(points_[i], d_summaries.data() + i * width);
  }
  stack_->Backward(&execution_, &layers_, gradients);
  EmbeddingGradient(gradients);
}

absl::Status OnednnTrainableNetwork::Backward(absl::Span<const float> d_outputs,
                                              Weights* gradients) {
  if (stack_ == nullptr) {
    return absl::FailedPreconditionError("Backward needs a Forward before it");
  }
  const size_t wanted = points_.size() * OutputSize(spec_);
  if (d_outputs.size() != wanted) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%d gradients of outputs given; %d points need %d",
                        d_outputs.size(), points_.size(), wanted));
  }
  gradients->clear();
  for (const TensorShape& shape : WeightShapes(spec_)) {
    (*gradients)[shape.name] = {
        shape.dims, std::vector<float>(ElementCount(shape.dims), 0.0f)};
  }
  return CatchOnednn([&] { RunBackward(d_outputs, gradients); });
}

absl::Status OnednnTrainableNetwork::BackwardToInputs(
    absl::Span<const float> d_outputs, InputGradients* gradients) {
  Weights by_weights;
  const absl::Status status = Backward(d_outputs, &by_weights);
  if (!status.ok()) return status;
  const int width = LayerInputSize(spec_, 0);
  const int rows = stack_->rows();
  gradients->inputs.assign(int64_t{stack_->steps()} * rows * width, 0.0f);
  for (int row = 0; row < rows; ++row) {
    for (int step = 0; step < lengths_[row]; ++step) {
      std::copy_n(
          stack_->InputGradient(step, row), width,
          gradients->inputs.begin() + (int64_t{step} * rows + row) * width);
    }
  }
  return CatchOnednn(
      [&] { gradients->future = head_->FutureGradient(d_outputs); });
}

}  // namespace

absl::StatusOr<std::unique_ptr<TrainableNetwork>> CreateOnednnTrainableNetwork(
    const NetworkSpec& spec, const Weights& weights) {
  absl::Status status = CheckWeights(spec, weights);
  if (!status.ok()) return status;
  UseOneThreadPerCall();
  std::unique_ptr<TrainableNetwork> network;
  status = CatchOnednn(
      [&] { network = std::make_unique<OnednnTrainableNetwork>(spec); });
  if (status.ok()) status = network->SetWeights(weights);
  if (!status.ok()) return status;
  return network;
}

}  // namespace recur
