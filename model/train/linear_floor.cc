#include "model/train/linear_floor.h"

#include <vector>

#include "model/features/layout.h"

namespace recur {
namespace {

// The smallest network with the future rows of `spec`.
NetworkSpec Smallest(const NetworkSpec& spec) {
  NetworkSpec network = spec;
  network.cell = {CellKind::kRnn};
  network.hidden_size = 1;
  network.layers = 1;
  network.decoder_size = 1;
  network.levels = 1;
  return network;
}

// An autoregression is in units of the scale, an output in those of
// output_scale.
double Factor(const FeatureSpec& spec, int target) {
  const double scale =
      spec.running_scale ? 1.0 : spec.columns[spec.targets[target]].scale;
  return scale / spec.output_scale[target];
}

}  // namespace

std::optional<Model> LinearFloor(const Model& model) {
  const FeatureSpec& features = model.spec.features;
  if (features.autoregression.lags == 0) return std::nullopt;
  Model floor{model.spec, {}, {}, model.feature_weights};
  floor.spec.quantiles.clear();
  floor.spec.network = Smallest(model.spec.network);
  for (const TensorShape& shape : WeightShapes(floor.spec.network)) {
    floor.weights[shape.name] = {shape.dims,
                                 std::vector<float>(ElementCount(shape.dims))};
  }
  std::vector<float>& skip = floor.weights["decoder.weight_skip"].values;
  const std::vector<Slot> slots = FutureSlots(features);
  const size_t targets = features.targets.size();
  for (size_t row = 0; row < slots.size(); ++row) {
    if (slots[row].kind != SlotKind::kAutoregression) continue;
    for (size_t target = 0; target < targets; ++target) {
      if (features.targets[target] != slots[row].column) continue;
      skip[row * targets + target] =
          static_cast<float>(Factor(features, static_cast<int>(target)));
    }
  }
  return floor;
}

}  // namespace recur
