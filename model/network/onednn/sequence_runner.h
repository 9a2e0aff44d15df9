// Whole sequences through a bidirectional network, layer by layer. The rows of
// a batch are stepped together, longest first, and leave when they end, so
// there is no padding: forward rows from their first observation on, backward
// rows from their last.
#ifndef RECUR_MODEL_NETWORK_ONEDNN_SEQUENCE_RUNNER_H_
#define RECUR_MODEL_NETWORK_ONEDNN_SEQUENCE_RUNNER_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "model/network/engine.h"
#include "model/network/onednn/onednn_workspace.h"
#include "model/network/onednn/step_layer.h"

namespace recur {

class SequenceRunner {
 public:
  // `layers` [layers, directions], none of them with one below, may be filled
  // later; both must outlive the runner.
  SequenceRunner(const OnednnWeights& weights, std::vector<StepLayer>* layers);

  // INTERNAL if a length or a token is out of range.
  absl::Status Check(absl::Span<const SequenceRow> rows) const;

  // At most as many rows as the layers were made for, at least one. Takes
  // memory in proportion to the steps of all rows; of more than a few MiB it
  // keeps none.
  absl::Status Run(const dnnl::stream& stream,
                   absl::Span<const SequenceRow> rows);

 private:
  struct Sequence {
    const SequenceRow* row;
    int64_t start;  // of its steps among those of all sequences
  };

  void Sort(absl::Span<const SequenceRow> rows);
  void ReadInputs();
  absl::Status RunLayers(const dnnl::stream& stream);
  absl::Status RunDirection(const dnnl::stream& stream, int layer,
                            int direction);
  int64_t Position(const Sequence& sequence, int step, int direction) const;
  void Summarize(const Sequence& sequence);
  void RunHeads();

  const OnednnWeights& weights_;
  std::vector<StepLayer>* layers_;
  std::vector<Sequence> sequences_;  // longest first
  std::vector<float> inputs_;   // [steps of all, width] of the current layer
  std::vector<float> outputs_;  // [steps of all, 2, hidden]
  std::vector<float> summary_;
  std::vector<float> scratch_;
};

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_ONEDNN_SEQUENCE_RUNNER_H_
