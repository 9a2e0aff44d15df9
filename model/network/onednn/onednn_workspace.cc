#include "model/network/onednn/onednn_workspace.h"

#include <algorithm>

#include "model/network/onednn/sequence_runner.h"
#include "model/network/onednn/step_layer.h"
#include "model/network/pooling.h"
#include "model/network/step_rows.h"

namespace recur {
namespace {

class OnednnWorkspace : public Workspace {
 public:
  OnednnWorkspace(const OnednnWeights& weights, int max_batch);

  absl::Status Step(absl::Span<const StepRow> rows) override;
  absl::Status RunHead(absl::Span<const HeadRow> rows) override;
  absl::Status RunSequences(absl::Span<const SequenceRow> rows) override;

 private:
  absl::Status StepPiece(absl::Span<const StepRow> rows);
  void GatherInputs(absl::Span<const StepRow> rows);
  void GatherStates(absl::Span<const StepRow> rows);
  void ScatterStates(absl::Span<const StepRow> rows);

  const OnednnWeights& weights_;
  int max_batch_;
  dnnl::stream stream_;
  StatePrefetch prefetch_;
  StatePool pool_;
  std::vector<StepLayer> layers_;  // [layers, directions]
  SequenceRunner sequences_;
  std::vector<float> scratch_;
};

OnednnWorkspace::OnednnWorkspace(const OnednnWeights& weights, int max_batch)
    : weights_(weights),
      max_batch_(max_batch),
      stream_(weights.engine),
      prefetch_(weights.spec),
      pool_(weights.spec),
      sequences_(weights, &layers_),
      scratch_(weights.head.ScratchSize()) {
  const NetworkSpec& spec = weights.spec;
  const int directions = DirectionCount(spec);
  layers_.reserve(weights.layers.size());
  for (size_t i = 0; i < weights.layers.size(); ++i) {
    // Stepping, a layer reads where the one below writes.
    const bool chained = i > 0 && !spec.bidirectional;
    const int layer = static_cast<int>(i) / directions;
    layers_.emplace_back(weights.engine,
                         CellShape{spec.cell, 1, 1, LayerInputSize(spec, layer),
                                   spec.hidden_size, weights.precision},
                         max_batch, weights.layers[i],
                         chained ? &layers_.back() : nullptr);
  }
}

absl::Status OnednnWorkspace::Step(absl::Span<const StepRow> rows) {
  absl::Status status = CheckStepRows(weights_.spec, rows);
  while (status.ok() && !rows.empty()) {
    const auto piece = rows.subspan(0, max_batch_);
    status = StepPiece(piece);
    rows.remove_prefix(piece.size());
  }
  return status;
}

absl::Status OnednnWorkspace::StepPiece(absl::Span<const StepRow> rows) {
  GatherInputs(rows);
  GatherStates(rows);
  for (const StepLayer& layer : layers_) {
    const absl::Status status =
        layer.Run(stream_, static_cast<int>(rows.size()));
    if (!status.ok()) return status;
  }
  ScatterStates(rows);
  return absl::OkStatus();
}

void OnednnWorkspace::GatherInputs(absl::Span<const StepRow> rows) {
  const NetworkSpec& spec = weights_.spec;
  const int width = LayerInputSize(spec, 0);
  for (size_t i = 0; i < rows.size(); ++i) {
    layers_[0].SetInput(
        static_cast<int>(i),
        spec.vocabulary_size > 0
            ? weights_.embedding.data() + int64_t{rows[i].token} * width
            : rows[i].input);
  }
}

void OnednnWorkspace::GatherStates(absl::Span<const StepRow> rows) {
  prefetch_.Begin(rows);
  for (size_t i = 0; i < rows.size(); ++i) {
    prefetch_.At(rows, i);
    const float* from = rows[i].state;
    for (const StepLayer& layer : layers_) {
      from = layer.SetState(static_cast<int>(i), from);
    }
  }
}

void OnednnWorkspace::ScatterStates(absl::Span<const StepRow> rows) {
  for (size_t i = 0; i < rows.size(); ++i) {
    float* to = rows[i].state;
    for (const StepLayer& layer : layers_) {
      to = layer.GetNextState(static_cast<int>(i), to);
    }
    pool_.Add(rows[i].state);
  }
}

absl::Status OnednnWorkspace::RunHead(absl::Span<const HeadRow> rows) {
  return weights_.head.RunRows(rows, scratch_.data());
}

absl::Status OnednnWorkspace::RunSequences(absl::Span<const SequenceRow> rows) {
  if (!weights_.spec.bidirectional) {
    return absl::InternalError("only a bidirectional network runs sequences");
  }
  absl::Status status = sequences_.Check(rows);
  while (status.ok() && !rows.empty()) {
    const auto piece = rows.subspan(0, max_batch_);
    status = sequences_.Run(stream_, piece);
    rows.remove_prefix(piece.size());
  }
  return status;
}

}  // namespace

std::unique_ptr<Workspace> MakeOnednnWorkspace(const OnednnWeights& weights,
                                               int max_batch) {
  return std::make_unique<OnednnWorkspace>(weights, max_batch);
}

}  // namespace recur
