#include "tests/unit/model/network/sample_networks.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "model/network/random_weights.h"

namespace recur {

std::vector<Cell> AllCells() {
  return {{CellKind::kRnn, Activation::kTanh},
          {CellKind::kRnn, Activation::kRelu},
          {CellKind::kRnn, Activation::kSigmoid},
          {CellKind::kLstm},
          {CellKind::kGru, Activation::kTanh, true},
          {CellKind::kGru, Activation::kTanh, false}};
}

NetworkSpec ClassifierSpec(const Cell& cell, int layers, int hidden_size) {
  NetworkSpec spec;
  spec.cell = cell;
  spec.input_size = 3;
  spec.hidden_size = hidden_size;
  spec.layers = layers;
  spec.head = Head::kSoftmax;
  spec.classes = 4;
  return spec;
}

NetworkSpec ForecasterSpec(const Cell& cell, int layers, int hidden_size) {
  NetworkSpec spec = ClassifierSpec(cell, layers, hidden_size);
  spec.head = Head::kForecast;
  spec.classes = 0;
  spec.horizon = 3;
  spec.targets = 2;
  spec.levels = 3;
  spec.future_size = 2;
  spec.decoder_size = 6;
  return spec;
}

NetworkSpec WithPooling(NetworkSpec spec, Pooling pooling) {
  spec.pooling = pooling;
  return spec;
}

NetworkSpec WithEmbedding(NetworkSpec spec) {
  spec.vocabulary_size = 6;
  spec.embedding_size = 3;
  return spec;
}

SequenceBatch SampleBatch(const NetworkSpec& spec, int steps, int rows,
                          uint64_t seed) {
  SequenceBatch batch;
  batch.steps = steps;
  batch.rows = rows;
  const bool text = spec.vocabulary_size > 0;
  const int width = text ? 1 : spec.input_size;
  const std::vector<float> values =
      RandomValues(int64_t{steps} * rows * width, seed, 1.0f);
  for (int row = 0; row < rows; ++row) {
    batch.lengths.push_back(std::max(1, steps - 2 * row % steps));
    const int length = batch.lengths.back();
    if (!spec.bidirectional) batch.points.push_back({(length - 1) / 2, row});
    batch.points.push_back({length - 1, row});
  }
  for (int64_t i = 0; i < int64_t{steps} * rows * width; ++i) {
    const int64_t cell = i / width;
    const bool padding = cell / rows >= batch.lengths[cell % rows];
    if (text) {
      const int token = static_cast<int>((values[i] + 1) * 2.999f);
      batch.tokens.push_back(padding ? -7 : token);
    } else {
      batch.inputs.push_back(padding ? 1e6f * values[i] : values[i]);
    }
  }
  batch.future = RandomValues(
      int64_t{spec.horizon} * spec.future_size * batch.points.size(), seed + 1,
      1.0f);
  return batch;
}

std::string SpecName(const NetworkSpec& spec) {
  return absl::StrReplaceAll(
      absl::StrCat(CellName(spec.cell), "_", spec.layers, "layers_",
                   spec.bidirectional ? "bidirectional_" : "",
                   spec.vocabulary_size > 0 ? "embedding_" : "",
                   PoolingName(spec.pooling), "_", HeadName(spec.head)),
      {{"-", "_"}});
}

}  // namespace recur
