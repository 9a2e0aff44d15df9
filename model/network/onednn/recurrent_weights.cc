#include "model/network/onednn/recurrent_weights.h"

#include <algorithm>
#include <string>
#include <vector>

#include "model/network/onednn/cell_primitive.h"

namespace recur {
namespace {

const std::vector<float>& Values(const Weights& weights,
                                 const std::string& name) {
  return weights.find(name)->second.values;
}

}  // namespace

int64_t RecurrentWeights::bytes() const {
  return input.bytes() + hidden.bytes() +
         static_cast<int64_t>(bias.get_desc().get_size());
}

std::deque<RecurrentWeights> MakeRecurrentWeights(const dnnl::engine& engine,
                                                  const NetworkSpec& spec) {
  const int hidden = spec.hidden_size;
  const dnnl::memory::desc bias({1, 1, BiasCount(spec.cell), hidden},
                                dnnl::memory::data_type::f32,
                                dnnl::memory::format_tag::ldgo);
  std::deque<RecurrentWeights> layers;
  for (int i = 0; i < spec.layers * DirectionCount(spec); ++i) {
    const int input = LayerInputSize(spec, i / DirectionCount(spec));
    layers.push_back(
        {WeightCopies(engine, WeightDims(spec.cell, input, hidden)),
         WeightCopies(engine, WeightDims(spec.cell, hidden, hidden)),
         dnnl::memory(bias, engine)});
  }
  return layers;
}

void SetRecurrentWeights(const NetworkSpec& spec, const Weights& weights,
                         std::deque<RecurrentWeights>* layers) {
  for (size_t i = 0; i < layers->size(); ++i) {
    const int directions = DirectionCount(spec);
    const std::string prefix = LayerPrefix(i / directions, i % directions);
    RecurrentWeights& layer = (*layers)[i];
    layer.input.Set(Values(weights, prefix + "weight_input"));
    layer.hidden.Set(Values(weights, prefix + "weight_hidden"));
    const std::vector<float>& bias = Values(weights, prefix + "bias");
    std::copy(bias.begin(), bias.end(),
              static_cast<float*>(layer.bias.get_data_handle()));
  }
}

}  // namespace recur
