#include "model/network/native/packed_layer.h"

#include <algorithm>
#include <string>

#include "model/network/native/gate_scale.h"

namespace recur {
namespace {

// A gate of a layer's tensors, and what its weights are multiplied with.
struct Gate {
  int index;
  double scale;
};

// Tensors of one layer as WeightShapes() lays them out.
struct LayerTensors {
  int input_size;
  int hidden_size;
  int gates;
  const float* input;
  const float* hidden;
  const float* bias;

  float Weight(int k, int gate, int unit) const {
    const float* row =
        k < input_size ? input + int64_t{k} * gates * hidden_size
                       : hidden + int64_t{k - input_size} * gates * hidden_size;
    return row[gate * hidden_size + unit];
  }
};

float Scaled(float value, double scale) {
  return static_cast<float>(value * scale);
}

// Writes one tile's weights or biases: for every row the blocks, their gates,
// their units.
template <typename ValueOf>
float* PackTile(int first_unit, int blocks, int hidden_size, int rows,
                const std::vector<Gate>& gates, const ValueOf& value,
                float* to) {
  for (int k = 0; k < rows; ++k) {
    for (int block = 0; block < blocks; ++block) {
      const int begin = first_unit + block * kVectorWidth;
      const int units = std::clamp(hidden_size - begin, 0, kVectorWidth);
      for (const Gate& gate : gates) {
        for (int i = 0; i < units; ++i) {
          to[i] = Scaled(value(k, gate.index, begin + i), gate.scale);
        }
        to += kVectorWidth;
      }
    }
  }
  return to;
}

// `biases` are those of the gates, and whatever else the kernel starts from.
PackedPass Pack(const LayerTensors& from, const std::vector<Gate>& gates,
                const std::vector<Gate>& biases, int blocks,
                const PassKernels& kernels) {
  const int all_blocks = (from.hidden_size + kVectorWidth - 1) / kVectorWidth;
  const int rows = from.input_size + from.hidden_size;
  const int64_t block_weights = int64_t{1} * rows * kVectorWidth * gates.size();
  const int64_t block_biases = int64_t{1} * kVectorWidth * biases.size();
  PackedPass pass;
  pass.kernels = &kernels;
  pass.blocks = blocks;
  pass.tile_weights = blocks * block_weights;
  pass.tile_biases = blocks * block_biases;
  pass.weights = AlignedFloats(all_blocks * block_weights);
  pass.biases = AlignedFloats(all_blocks * block_biases);
  const auto bias = [&](int, int gate, int unit) {
    return from.bias[gate * from.hidden_size + unit];
  };
  const auto weight = [&](int k, int gate, int unit) {
    return from.Weight(k, gate, unit);
  };
  float* to_weight = pass.weights.data();
  float* to_bias = pass.biases.data();
  for (int block = 0; block < all_blocks; block += blocks) {
    const int first = block * kVectorWidth;
    const int count = std::min(blocks, all_blocks - block);
    to_weight = PackTile(first, count, from.hidden_size, rows, gates, weight,
                         to_weight);
    to_bias =
        PackTile(first, count, from.hidden_size, 1, biases, bias, to_bias);
  }
  return pass;
}

double ScaleOf(Activation activation) {
  switch (activation) {
    case Activation::kTanh:
      return kTanhScale;
    case Activation::kSigmoid:
      return kSigmoidScale;
    case Activation::kRelu:
      break;
  }
  return 1.0;
}

// Gates in the order of model/spec/cell.h.
std::vector<PackedPass> PackCell(const Cell& cell, const LayerTensors& from,
                                 const StepKernels& kernels) {
  std::vector<PackedPass> passes;
  const auto add = [&](const std::vector<Gate>& gates,
                       const std::vector<Gate>& biases, int blocks,
                       const PassKernels& of) {
    passes.push_back(Pack(from, gates, biases, blocks, of));
  };
  if (cell.kind == CellKind::kRnn) {
    const std::vector<Gate> gates = {{0, ScaleOf(cell.activation)}};
    add(gates, gates, kTileVectors, kernels.rnn);
    return passes;
  }
  const Gate first = {0, kSigmoidScale};   // i, u
  const Gate second = {1, kSigmoidScale};  // f, r
  const Gate third = {2, kTanhScale};      // g, n
  if (cell.kind == CellKind::kLstm) {
    const std::vector<Gate> gates = {first, second, third, {3, kSigmoidScale}};
    add(gates, gates, 1, kernels.lstm);
  } else if (cell.linear_before_reset) {
    add({first, second, third}, {first, second, third, {3, kTanhScale}}, 1,
        kernels.gru_linear);
  } else {
    add({first, second}, {first, second}, 2, kernels.gru_gates);
    add({third}, {third}, kTileVectors, kernels.gru_candidate);
  }
  return passes;
}

}  // namespace

PackedLayer::PackedLayer(const NetworkSpec& spec, const Weights& weights,
                         int layer, const StepKernels& kernels)
    : activation(spec.cell.activation),
      input_size(LayerInputSize(spec, layer)),
      hidden_size(spec.hidden_size) {
  const auto values = [&](const char* name) {
    return weights.find(LayerPrefix(layer, 0) + name)->second.values.data();
  };
  passes = PackCell(
      spec.cell,
      {input_size, hidden_size, GateCount(spec.cell), values("weight_input"),
       values("weight_hidden"), values("bias")},
      kernels);
}

int64_t PackedLayer::bytes() const {
  int64_t floats = 0;
  for (const PackedPass& pass : passes) {
    floats += pass.weights.size() + pass.biases.size();
  }
  return floats * static_cast<int64_t>(sizeof(float));
}

}  // namespace recur
