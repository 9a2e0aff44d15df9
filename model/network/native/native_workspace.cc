#include "model/network/native/native_workspace.h"

#include <algorithm>
#include <cstdint>

#include "model/network/native/aligned_floats.h"
#include "model/network/native/denormals.h"
#include "model/network/pooling.h"
#include "model/network/step_rows.h"

namespace recur {
namespace {

// Floats from one row of a panel to the next: whole cache lines, and an odd
// number of them, so that the rows do not fight for one set of a cache.
int64_t PanelStride(int width) {
  constexpr int kLine = 16;
  return ((width + kLine - 1) / kLine | 1) * int64_t{kLine};
}

float* RowOf(AlignedFloats& rows, int64_t stride, int row) {
  return rows.size() == 0 ? nullptr : rows.data() + row * stride;
}

class NativeWorkspace : public Workspace {
 public:
  NativeWorkspace(const NativeWeights& weights, int max_batch);

  absl::Status Step(absl::Span<const StepRow> rows) override;
  absl::Status RunHead(absl::Span<const HeadRow> rows) override;
  absl::Status RunSequences(absl::Span<const SequenceRow> rows) override;

 private:
  void StepPiece(absl::Span<const StepRow> rows);
  void GatherInputs(absl::Span<const StepRow> rows);
  void GatherBelow(const PackedLayer& layer, int64_t below, int rows);
  void RunPass(const PackedLayer& layer, const PackedPass& pass, int rows);
  void RunTile(const TileKernel* kernels, TileTask task, int rows);

  const NativeWeights& weights_;
  int max_batch_;
  StatePrefetch prefetch_;
  StatePool pool_;
  int64_t stride_ = 0;
  AlignedFloats panel_;         // [max_batch, stride]: x, h
  AlignedFloats reset_;         // [max_batch, stride]; gru that resets before
  AlignedFloats update_;        // the same
  std::vector<float*> states_;  // [max_batch], of the layer at work
  std::vector<float> scratch_;
};

NativeWorkspace::NativeWorkspace(const NativeWeights& weights, int max_batch)
    : weights_(weights),
      max_batch_(max_batch),
      prefetch_(weights.spec),
      pool_(weights.spec),
      states_(max_batch),
      scratch_(weights.head.ScratchSize()) {
  for (const PackedLayer& layer : weights.layers) {
    stride_ =
        std::max(stride_, PanelStride(layer.input_size + layer.hidden_size));
  }
  panel_ = AlignedFloats(max_batch * stride_);
  if (weights.layers[0].passes.size() > 1) {
    reset_ = AlignedFloats(max_batch * stride_);
    update_ = AlignedFloats(max_batch * stride_);
  }
}

absl::Status NativeWorkspace::Step(absl::Span<const StepRow> rows) {
  const absl::Status status = CheckStepRows(weights_.spec, rows);
  if (!status.ok()) return status;
  const DenormalsAreZeros quick;
  while (!rows.empty()) {
    const auto piece = rows.subspan(0, max_batch_);
    StepPiece(piece);
    rows.remove_prefix(piece.size());
  }
  return absl::OkStatus();
}

// A layer's new h stands in the row's state, where the next one reads it.
void NativeWorkspace::StepPiece(absl::Span<const StepRow> rows) {
  const int count = static_cast<int>(rows.size());
  const int64_t layer_state =
      int64_t{StateVectorCount(weights_.spec.cell)} * weights_.spec.hidden_size;
  GatherInputs(rows);
  for (size_t i = 0; i < weights_.layers.size(); ++i) {
    const PackedLayer& layer = weights_.layers[i];
    if (i > 0) GatherBelow(layer, layer_state, count);
    for (const PackedPass& pass : layer.passes) RunPass(layer, pass, count);
  }
  for (const StepRow& row : rows) pool_.Add(row.state);
}

void NativeWorkspace::GatherInputs(absl::Span<const StepRow> rows) {
  const PackedLayer& layer = weights_.layers[0];
  prefetch_.Begin(rows);
  for (size_t i = 0; i < rows.size(); ++i) {
    prefetch_.At(rows, i);
    const float* input = weights_.embedding.empty()
                             ? rows[i].input
                             : weights_.embedding.data() +
                                   int64_t{rows[i].token} * layer.input_size;
    float* to = panel_.data() + static_cast<int64_t>(i) * stride_;
    to = std::copy_n(input, layer.input_size, to);
    states_[i] = rows[i].state;
    std::copy_n(states_[i], layer.hidden_size, to);
  }
}

void NativeWorkspace::GatherBelow(const PackedLayer& layer, int64_t below,
                                  int rows) {
  for (int i = 0; i < rows; ++i) {
    float* to = panel_.data() + i * stride_;
    to = std::copy_n(states_[i], layer.input_size, to);
    states_[i] += below;
    std::copy_n(states_[i], layer.hidden_size, to);
  }
}

// All rows by one tile's weights, then by the next one's: those of a tile stay
// in the nearest cache meanwhile.
void NativeWorkspace::RunPass(const PackedLayer& layer, const PackedPass& pass,
                              int rows) {
  const int tile_units = pass.blocks * kVectorWidth;
  TileTask task = {.weights = pass.weights.data(),
                   .bias = pass.biases.data(),
                   .input_size = layer.input_size,
                   .hidden_size = layer.hidden_size,
                   .activation = layer.activation,
                   .stride = stride_};
  for (; task.first < layer.hidden_size; task.first += tile_units) {
    task.units = std::min(tile_units, layer.hidden_size - task.first);
    RunTile(pass.kernels->of[(task.units - 1) / kVectorWidth], task, rows);
    task.weights += pass.tile_weights;
    task.bias += pass.tile_biases;
  }
}

// Rows are spread evenly over as few panels as hold them.
void NativeWorkspace::RunTile(const TileKernel* kernels, TileTask task,
                              int rows) {
  int panels = (rows + kPanelRows - 1) / kPanelRows;
  for (int row = 0; panels > 0; --panels) {
    const int count = (rows - row + panels - 1) / panels;
    task.panel = panel_.data() + row * stride_;
    task.reset = RowOf(reset_, stride_, row);
    task.update = RowOf(update_, stride_, row);
    task.states = states_.data() + row;
    kernels[count - 1](task);
    row += count;
  }
}

absl::Status NativeWorkspace::RunHead(absl::Span<const HeadRow> rows) {
  return weights_.head.RunRows(rows, scratch_.data());
}

absl::Status NativeWorkspace::RunSequences(absl::Span<const SequenceRow>) {
  return absl::InternalError("only a bidirectional network runs sequences");
}

}  // namespace

std::unique_ptr<Workspace> MakeNativeWorkspace(const NativeWeights& weights,
                                               int max_batch) {
  return std::make_unique<NativeWorkspace>(weights, max_batch);
}

}  // namespace recur
