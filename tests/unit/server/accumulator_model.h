// A model whose forecast is the running sum of its inputs: identity weights,
// no scaling. Any lost, doubled or crossed step is a wrong sum. Exact for
// whole numbers up to 2^24.
#ifndef RECUR_TESTS_UNIT_SERVER_ACCUMULATOR_MODEL_H_
#define RECUR_TESTS_UNIT_SERVER_ACCUMULATOR_MODEL_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "model/spec/model_spec.h"

namespace recur {

inline Tensor Identity(std::vector<int64_t> dims, int64_t width) {
  Tensor tensor{.dims = std::move(dims)};
  tensor.values.assign(ElementCount(tensor.dims), 0.0f);
  for (int64_t i = 0; i < width; ++i) tensor.values[i * width + i] = 1.0f;
  return tensor;
}

// `columns` inputs "a0", "a1", ..., each summed; values must not be negative.
inline Model AccumulatorModel(int columns) {
  Model model;
  NetworkSpec& network = model.spec.network;
  network.cell = {.kind = CellKind::kRnn, .activation = Activation::kRelu};
  network.input_size = columns;
  network.hidden_size = columns;
  network.head = Head::kForecast;
  network.horizon = 1;
  network.targets = columns;
  network.levels = 1;
  network.decoder_size = columns;
  model.spec.task = Task::kForecast;
  for (int i = 0; i < columns; ++i) {
    model.spec.features.columns.push_back({.name = absl::StrCat("a", i)});
    model.spec.features.targets.push_back(i);
    model.spec.features.output_scale.push_back(1.0);
  }
  for (const TensorShape& shape : WeightShapes(network)) {
    const bool weight = shape.name.find("weight") != std::string::npos;
    model.weights[shape.name] = Identity(shape.dims, weight ? columns : 0);
  }
  return model;
}

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_SERVER_ACCUMULATOR_MODEL_H_
