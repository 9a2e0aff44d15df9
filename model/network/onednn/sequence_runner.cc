#include "model/network/onednn/sequence_runner.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "model/network/pooling.h"

namespace recur {
namespace {

constexpr int kDirections = 2;
// What is kept of either buffer from call to call: 4 MiB.
constexpr size_t kMostKeptFloats = size_t{1} << 20;

void ShrinkLarge(std::vector<float>* buffer) {
  if (buffer->capacity() > kMostKeptFloats) *buffer = std::vector<float>();
}

}  // namespace

SequenceRunner::SequenceRunner(const OnednnWeights& weights,
                               std::vector<StepLayer>* layers)
    : weights_(weights),
      layers_(layers),
      summary_(SummarySize(weights.spec)),
      scratch_(weights.head.ScratchSize()) {}

absl::Status SequenceRunner::Check(absl::Span<const SequenceRow> rows) const {
  const int vocabulary = weights_.spec.vocabulary_size;
  for (const SequenceRow& row : rows) {
    if (row.steps < 1) {
      return absl::InternalError(
          absl::StrCat("a sequence has ", row.steps, " steps; it needs 1"));
    }
    for (int i = 0; vocabulary > 0 && i < row.steps; ++i) {
      if (row.tokens[i] < 0 || row.tokens[i] >= vocabulary) {
        return absl::InternalError(
            absl::StrCat("token ", row.tokens[i],
                         " is outside the vocabulary of ", vocabulary));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status SequenceRunner::Run(const dnnl::stream& stream,
                                 absl::Span<const SequenceRow> rows) {
  Sort(rows);
  const absl::Status status = RunLayers(stream);
  if (status.ok()) RunHeads();
  // One long sequence must not take memory for good.
  ShrinkLarge(&inputs_);
  ShrinkLarge(&outputs_);
  return status;
}

absl::Status SequenceRunner::RunLayers(const dnnl::stream& stream) {
  ReadInputs();
  for (int layer = 0; layer < weights_.spec.layers; ++layer) {
    for (int direction = 0; direction < kDirections; ++direction) {
      const absl::Status status = RunDirection(stream, layer, direction);
      if (!status.ok()) return status;
    }
    inputs_.swap(outputs_);
  }
  return absl::OkStatus();
}

void SequenceRunner::Sort(absl::Span<const SequenceRow> rows) {
  const NetworkSpec& spec = weights_.spec;
  sequences_.clear();
  int64_t steps = 0;
  for (const SequenceRow& row : rows) {
    sequences_.push_back({&row, steps});
    steps += row.steps;
  }
  std::sort(sequences_.begin(), sequences_.end(),
            [](const Sequence& a, const Sequence& b) {
              return a.row->steps > b.row->steps;
            });
  // The two are swapped from layer to layer.
  const int width =
      std::max(LayerInputSize(spec, 0), kDirections * spec.hidden_size);
  inputs_.resize(steps * width);
  outputs_.resize(steps * width);
}

void SequenceRunner::ReadInputs() {
  const NetworkSpec& spec = weights_.spec;
  const int width = LayerInputSize(spec, 0);
  for (const Sequence& sequence : sequences_) {
    float* to = inputs_.data() + sequence.start * width;
    const SequenceRow& row = *sequence.row;
    if (spec.vocabulary_size == 0) {
      std::copy_n(row.inputs, int64_t{row.steps} * width, to);
      continue;
    }
    for (int i = 0; i < row.steps; ++i) {
      to = std::copy_n(
          weights_.embedding.data() + int64_t{row.tokens[i]} * width, width,
          to);
    }
  }
}

// Which of all steps a direction takes as its `step`-th of a sequence.
int64_t SequenceRunner::Position(const Sequence& sequence, int step,
                                 int direction) const {
  return sequence.start +
         (direction == 0 ? step : sequence.row->steps - 1 - step);
}

absl::Status SequenceRunner::RunDirection(const dnnl::stream& stream, int layer,
                                          int direction) {
  const StepLayer& cells = (*layers_)[layer * kDirections + direction];
  const int width = LayerInputSize(weights_.spec, layer);
  const int hidden = weights_.spec.hidden_size;
  cells.ClearStates(static_cast<int>(sequences_.size()));

  int live = static_cast<int>(sequences_.size());
  for (int step = 0; step < sequences_[0].row->steps; ++step) {
    while (sequences_[live - 1].row->steps <= step) --live;
    for (int i = 0; i < live; ++i) {
      cells.SetInput(
          i, inputs_.data() + Position(sequences_[i], step, direction) * width);
    }
    const absl::Status status = cells.Run(stream, live);
    if (!status.ok()) return status;
    for (int i = 0; i < live; ++i) {
      const int64_t to = Position(sequences_[i], step, direction);
      cells.GetNextH(i,
                     outputs_.data() + (to * kDirections + direction) * hidden);
    }
    cells.KeepNextStates(live);
  }
  return absl::OkStatus();
}

// The last layer's outputs are in inputs_ by now. Each direction's last step
// has seen the whole sequence; pooled, both go over all steps.
void SequenceRunner::Summarize(const Sequence& sequence) {
  const int hidden = weights_.spec.hidden_size;
  const Pooling pooling = weights_.spec.pooling;
  const int last = sequence.row->steps - 1;
  for (int direction = 0; direction < kDirections; ++direction) {
    float* summary = summary_.data() + direction * hidden;
    for (int i = pooling == Pooling::kLast ? last : 0; i <= last; ++i) {
      const int64_t at = Position(sequence, i, direction);
      PoolStep(pooling,
               inputs_.data() + (at * kDirections + direction) * hidden, hidden,
               static_cast<float>(i + 1), summary);
    }
  }
}

void SequenceRunner::RunHeads() {
  for (const Sequence& sequence : sequences_) {
    Summarize(sequence);
    weights_.head.Run(summary_.data(), sequence.row->future, scratch_.data(),
                      sequence.row->output);
  }
}

}  // namespace recur
