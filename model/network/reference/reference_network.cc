#include "model/network/reference/reference_network.h"

#include <algorithm>

#include "model/network/batch_check.h"
#include "model/network/weight_check.h"

namespace recur {

absl::StatusOr<std::unique_ptr<ReferenceNetwork>> ReferenceNetwork::Create(
    const NetworkSpec& spec, const Weights& weights) {
  if (auto s = CheckWeights(spec, weights); !s.ok()) return s;
  return std::unique_ptr<ReferenceNetwork>(new ReferenceNetwork(spec, weights));
}

std::vector<double> ReferenceNetwork::RowInputs(const SequenceBatch& batch,
                                                int row) const {
  const int64_t width = LayerInputSize(spec(), 0);
  std::vector<double> inputs(batch.lengths[row] * width);
  for (int64_t step = 0; step < batch.lengths[row]; ++step) {
    const int64_t cell = step * batch.rows + row;
    double* to = inputs.data() + step * width;
    if (spec().vocabulary_size > 0) {
      core_.Embed(batch.tokens[cell], to);
    } else {
      std::copy_n(batch.inputs.begin() + cell * width, width, to);
    }
  }
  return inputs;
}

absl::StatusOr<std::vector<double>> ReferenceNetwork::Forward(
    const SequenceBatch& batch) const {
  if (auto s = CheckSequenceBatch(spec(), batch); !s.ok()) return s;
  const int64_t width = OutputSize(spec());
  const int64_t future_width = int64_t{spec().horizon} * spec().future_size;
  std::vector<double> outputs(batch.points.size() * width);
  std::vector<double> decoded;
  for (int row = 0; row < batch.rows; ++row) {
    const std::vector<double> top =
        core_.RunLayers(batch.lengths[row], RowInputs(batch, row));
    for (size_t i = 0; i < batch.points.size(); ++i) {
      if (batch.points[i].row != row) continue;
      const std::vector<double> summary =
          core_.Summary(top, batch.points[i].step);
      core_.RunHead(summary.data(), batch.future.data() + i * future_width,
                    outputs.data() + i * width, &decoded);
    }
  }
  return outputs;
}

}  // namespace recur
