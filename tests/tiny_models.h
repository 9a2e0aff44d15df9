// Models so small that their answers can be told by heart: what tests serve.
#ifndef RECUR_TESTS_TINY_MODELS_H_
#define RECUR_TESTS_TINY_MODELS_H_

#include <string>
#include <utility>
#include <vector>

#include "model/spec/model_spec.h"

namespace recur {

// Weights of the right shapes, all zero.
inline Weights ZeroWeights(const NetworkSpec& network) {
  Weights weights;
  for (const TensorShape& shape : WeightShapes(network)) {
    weights[shape.name] = {shape.dims,
                           std::vector<float>(ElementCount(shape.dims), 0.0f)};
  }
  return weights;
}

// Daily "temp" and "wind" -> 3 days of "temp": the quantiles 0.1, 0.5 and 0.9
// are always the last temp - 2, + 0 and + 2.
inline Model TinyForecaster() {
  Model model;
  ModelSpec& spec = model.spec;
  spec.task = Task::kForecast;
  spec.description = "the last value, give or take 2";
  spec.quantiles = {0.1, 0.5, 0.9};
  spec.features.columns = {{.name = "temp"},
                           {.name = "wind", .may_be_missing = true}};
  spec.features.targets = {0};
  spec.features.interval = std::chrono::hours(24);
  spec.features.anchor = Anchor::kLast;
  spec.features.output_scale = {2.0};
  spec.network = {.cell = {CellKind::kRnn, Activation::kTanh},
                  .input_size = 3,  // temp, wind, whether wind is missing
                  .hidden_size = 2,
                  .head = Head::kForecast,
                  .horizon = 3,
                  .targets = 1,
                  .levels = 3,
                  .decoder_size = 1};
  model.weights = ZeroWeights(spec.network);
  model.weights["decoder.bias_output"].values = {-1.0f, 0.0f, 1.0f};
  return model;
}

// Daily "level" -> 2 days of it: the quantiles 0.1, 0.5 and 0.9 are always the
// last level - 1, + 1 and + 3. Can be extrapolated.
inline Model TinyRise() {
  Model model = TinyForecaster();
  ModelSpec& spec = model.spec;
  spec.description = "one more than the last value, give or take 2";
  spec.features.columns = {{.name = "level"}};
  spec.network.input_size = 1;
  spec.network.horizon = 2;
  model.weights = ZeroWeights(spec.network);
  model.weights["decoder.bias_output"].values = {-0.5f, 0.5f, 1.5f};
  return model;
}

// Two sums that forget nothing: h = relu(h + (x, -x)).
inline void MakeSums(Model* model) {
  model->weights["layers.0.forward.weight_input"].values = {1, -1};
  model->weights["layers.0.forward.weight_hidden"].values = {1, 0, 0, 1};
  model->weights["head.weight"].values = {0, 1, 1, 0};  // down, up
}

inline NetworkSpec TwoSums() {
  return {.cell = {CellKind::kRnn, Activation::kRelu},
          .input_size = 1,
          .hidden_size = 2,
          .head = Head::kSoftmax,
          .classes = 2};
}

// Sequences of "x": "up" if their sum is above 0 (of steps of one sign).
inline Model TinyTrend() {
  Model model;
  model.spec.task = Task::kClassify;
  model.spec.labels = {"down", "up"};
  model.spec.features.columns = {{.name = "x"}};
  model.spec.network = TwoSums();
  model.weights = ZeroWeights(model.spec.network);
  MakeSums(&model);
  return model;
}

// Texts: "up" with "good" in them, "down" with "bad".
inline Model TinyMood() {
  Model model;
  model.spec.task = Task::kClassify;
  model.spec.takes_text = true;
  model.spec.labels = {"down", "up"};
  model.spec.network = TwoSums();
  model.spec.network.vocabulary_size = 3;
  model.spec.network.embedding_size = 1;
  model.vocabulary = {"good", "bad"};
  model.weights = ZeroWeights(model.spec.network);
  model.weights["embedding.weight"].values = {0, 3, -3};
  MakeSums(&model);
  return model;
}

}  // namespace recur

#endif  // RECUR_TESTS_TINY_MODELS_H_
