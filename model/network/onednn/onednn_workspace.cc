#include "model/network/onednn/onednn_workspace.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "model/network/onednn/sequence_runner.h"
#include "model/network/onednn/step_layer.h"

namespace recur {
namespace {

constexpr size_t kRowsAhead = 8;
constexpr size_t kCacheLine = 64;
// Behind this the hardware has seen where it is going.
constexpr size_t kMaxPrefetch = 2048;

void Prefetch(const float* state, size_t bytes) {
  const char* from = reinterpret_cast<const char*>(state);
  for (size_t at = 0; at < bytes; at += kCacheLine) {
    __builtin_prefetch(from + at, /*rw=*/1);
  }
}

class OnednnWorkspace : public Workspace {
 public:
  OnednnWorkspace(const OnednnWeights& weights, int max_batch);

  absl::Status Step(absl::Span<const StepRow> rows) override;
  absl::Status RunHead(absl::Span<const HeadRow> rows) override;
  absl::Status RunSequences(absl::Span<const SequenceRow> rows) override;

 private:
  absl::Status CheckRows(absl::Span<const StepRow> rows) const;
  absl::Status StepPiece(absl::Span<const StepRow> rows);
  void GatherInputs(absl::Span<const StepRow> rows);
  void GatherStates(absl::Span<const StepRow> rows);
  void ScatterStates(absl::Span<const StepRow> rows);

  const OnednnWeights& weights_;
  int max_batch_;
  dnnl::stream stream_;
  size_t state_bytes_;             // of a row that are fetched ahead
  std::vector<StepLayer> layers_;  // [layers, directions]
  SequenceRunner sequences_;
  std::vector<float> scratch_;
};

OnednnWorkspace::OnednnWorkspace(const OnednnWeights& weights, int max_batch)
    : weights_(weights),
      max_batch_(max_batch),
      stream_(weights.engine),
      state_bytes_(std::min(kMaxPrefetch,
                            HiddenStateSize(weights.spec) * sizeof(float))),
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

absl::Status OnednnWorkspace::CheckRows(absl::Span<const StepRow> rows) const {
  const NetworkSpec& spec = weights_.spec;
  if (spec.bidirectional) {
    return absl::InternalError("a bidirectional network cannot step");
  }
  if (spec.vocabulary_size == 0) return absl::OkStatus();
  for (const StepRow& row : rows) {
    if (row.token < 0 || row.token >= spec.vocabulary_size) {
      return absl::InternalError(absl::StrCat("token ", row.token,
                                              " is outside the vocabulary of ",
                                              spec.vocabulary_size));
    }
  }
  return absl::OkStatus();
}

absl::Status OnednnWorkspace::Step(absl::Span<const StepRow> rows) {
  absl::Status status = CheckRows(rows);
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

// Of a million sequences most states are in no cache: the next ones are on
// their way while this one is copied.
void OnednnWorkspace::GatherStates(absl::Span<const StepRow> rows) {
  for (size_t i = 0; i < std::min(kRowsAhead, rows.size()); ++i) {
    Prefetch(rows[i].state, state_bytes_);
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i + kRowsAhead < rows.size()) {
      Prefetch(rows[i + kRowsAhead].state, state_bytes_);
    }
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
  }
}

absl::Status OnednnWorkspace::RunHead(absl::Span<const HeadRow> rows) {
  const NetworkSpec& spec = weights_.spec;
  if (spec.bidirectional) {
    return absl::InternalError("a bidirectional network has no state");
  }
  const int64_t top =
      int64_t{spec.layers - 1} * StateVectorCount(spec.cell) * spec.hidden_size;
  for (const HeadRow& row : rows) {
    weights_.head.Run(row.state + top, row.future, scratch_.data(), row.output);
  }
  return absl::OkStatus();
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
