#include "model/train/forecast/merge_forecasters.h"

#include <algorithm>
#include <numeric>
#include <string>

namespace recur {
namespace {

// A tensor as [rows, groups, columns], such as [inputs, gates, hidden].
struct Blocks {
  Tensor* tensor;

  int64_t groups() const {
    return tensor->dims.size() == 3 ? tensor->dims[1] : 1;
  }
  int64_t columns() const { return tensor->dims.back(); }
  float& At(int64_t row, int64_t group, int64_t column) const {
    return tensor->values[(row * groups() + group) * columns() + column];
  }
};

std::vector<int> Counting(int64_t first, int64_t count) {
  std::vector<int> numbers(count);
  std::iota(numbers.begin(), numbers.end(), static_cast<int>(first));
  return numbers;
}

// Copies `from` to rows `rows` and to the columns from `column` on.
void Place(const Tensor& from, const std::vector<int>& rows, int64_t column,
           Tensor* to) {
  Tensor source = from;
  const Blocks own{&source};
  const Blocks into{to};
  for (size_t row = 0; row < rows.size(); ++row) {
    for (int64_t group = 0; group < own.groups(); ++group) {
      for (int64_t i = 0; i < own.columns(); ++i) {
        into.At(rows[row], group, column + i) =
            own.At(static_cast<int64_t>(row), group, i);
      }
    }
  }
}

// Where the next member goes.
struct Offsets {
  int hidden = 0;
  int decoder = 0;
};

// Builds the merged weights.
struct Merging {
  const ModelSpec& spec;
  Weights* weights;

  Tensor* Find(const std::string& name) const {
    return &weights->find(name)->second;
  }

  void AddLayers(const TrainedMember& own, const Offsets& at) const {
    const NetworkSpec& network = own.member.network;
    for (int layer = 0; layer < network.layers; ++layer) {
      const std::string prefix = LayerPrefix(layer, 0);
      const auto place = [&](const char* name, const std::vector<int>& rows) {
        Place(own.weights.find(prefix + name)->second, rows, at.hidden,
              Find(prefix + name));
      };
      const std::vector<int> hidden = Counting(at.hidden, network.hidden_size);
      place("weight_input", layer == 0 ? own.member.inputs : hidden);
      place("weight_hidden", hidden);
      place("bias", Counting(0, BiasCount(network.cell)));
    }
  }

  // Rows of a matrix that reads the member's future rows, over its divisors.
  Tensor Divided(const TrainedMember& own, const char* name) const {
    Tensor tensor = own.weights.find(name)->second;
    const auto width = static_cast<size_t>(tensor.dims.back());
    for (size_t i = 0; i < tensor.values.size(); ++i) {
      tensor.values[i] =
          static_cast<float>(tensor.values[i] / own.units.divisors[i / width]);
    }
    return tensor;
  }

  void AddDecoder(const TrainedMember& own, const Offsets& at) const {
    const NetworkSpec& network = own.member.network;
    Place(own.weights.find("decoder.weight_hidden")->second,
          Counting(at.hidden, network.hidden_size), at.decoder,
          Find("decoder.weight_hidden"));
    Place(own.weights.find("decoder.step_bias")->second,
          Counting(0, network.horizon), at.decoder, Find("decoder.step_bias"));
    if (network.future_size == 0) return;
    Place(Divided(own, "decoder.weight_future"), own.member.future, at.decoder,
          Find("decoder.weight_future"));
  }

  double Factor(const TrainedMember& own, int target) const {
    return own.trust[target] * own.units.size[target];
  }

  void AddOutputs(const TrainedMember& own, const Offsets& at) const {
    const NetworkSpec& network = own.member.network;
    const int levels = network.levels;
    const size_t row = static_cast<size_t>(network.targets) * levels;
    const Tensor& weight = own.weights.find("decoder.weight_output")->second;
    const Tensor& bias = own.weights.find("decoder.bias_output")->second;
    float* to = Find("decoder.weight_output")->values.data() + at.decoder * row;
    for (size_t i = 0; i < weight.values.size(); ++i) {
      const auto target = static_cast<int>(i % row) / levels;
      to[i] = static_cast<float>(Factor(own, target) * weight.values[i]);
    }
    float* to_bias = Find("decoder.bias_output")->values.data();
    for (size_t i = 0; i < row; ++i) {
      const auto target = static_cast<int>(i) / levels;
      to_bias[i] += static_cast<float>(Factor(own, target) * bias.values[i]);
    }
  }

  void AddSkip(const TrainedMember& own) const {
    if (spec.network.future_size == 0) return;
    const int targets = spec.network.targets;
    Tensor* skip = Find("decoder.weight_skip");
    const auto add = [&](int row, int target, double value) {
      skip->values[static_cast<size_t>(row) * targets + target] +=
          static_cast<float>(value);
    };
    for (int target = 0; target < targets; ++target) {
      const double trust = own.trust[target] + own.reference_trust[target];
      for (const ReferenceTerm& term : own.units.reference[target]) {
        add(term.column, target, trust * term.weight);
      }
    }
    if (own.member.future.empty()) return;
    const Tensor divided = Divided(own, "decoder.weight_skip");
    for (size_t i = 0; i < divided.values.size(); ++i) {
      const auto target = static_cast<int>(i) % targets;
      add(own.member.future[i / targets], target,
          Factor(own, target) * divided.values[i]);
    }
  }

  // The errors of the reference: a unit for each target that is `spread` at
  // every step, whatever else there is.
  void AddErrors(const TrainedMember& own, int first_unit) const {
    const int targets = spec.network.targets;
    const int levels = spec.network.levels;
    const Blocks step_bias{Find("decoder.step_bias")};
    Tensor* output = Find("decoder.weight_output");
    for (int target = 0; target < targets; ++target) {
      for (int k = 0; k < spec.network.horizon; ++k) {
        step_bias.At(k, 0, first_unit + target) =
            static_cast<float>(own.units.spread[k * targets + target]);
      }
      for (int q = 0; q < levels; ++q) {
        const size_t at =
            (static_cast<size_t>(first_unit + target) * targets + target) *
                levels +
            q;
        output->values[at] = static_cast<float>(
            own.reference_trust[target] * own.units.size[target] *
            own.units.shape[target * levels + q]);
      }
    }
  }
};

bool HasErrors(const TrainedMember& own) {
  const double most =
      *std::max_element(own.reference_trust.begin(), own.reference_trust.end());
  return most > 0.0 && !own.units.shape.empty();
}

}  // namespace

Model MergeForecasters(const ModelSpec& spec, const Weights& feature_weights,
                       const std::vector<TrainedMember>& members) {
  Model model{spec, {}, {}, feature_weights};
  NetworkSpec& network = model.spec.network;
  network.hidden_size = 0;
  network.decoder_size = 0;
  for (const TrainedMember& own : members) {
    network.hidden_size += own.member.network.hidden_size;
    network.decoder_size += own.member.network.decoder_size +
                            (HasErrors(own) ? network.targets : 0);
  }
  for (const TensorShape& shape : WeightShapes(network)) {
    model.weights.emplace(
        shape.name,
        Tensor{shape.dims, std::vector<float>(ElementCount(shape.dims))});
  }
  const Merging merging{model.spec, &model.weights};
  Offsets at;
  for (const TrainedMember& own : members) {
    merging.AddLayers(own, at);
    merging.AddDecoder(own, at);
    merging.AddOutputs(own, at);
    merging.AddSkip(own);
    at.hidden += own.member.network.hidden_size;
    at.decoder += own.member.network.decoder_size;
    if (!HasErrors(own)) continue;
    merging.AddErrors(own, at.decoder);
    at.decoder += network.targets;
  }
  return model;
}

}  // namespace recur
