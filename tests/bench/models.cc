#include "tests/bench/models.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "model/network/random_weights.h"
#include "tests/unit/server/accumulator_model.h"

namespace recur {
namespace {

constexpr uint64_t kSeed = 20240229;

NetworkSpec OneLayer(const Cell& cell, int hidden_size) {
  NetworkSpec network;
  network.cell = cell;
  network.input_size = kBenchInputs;
  network.hidden_size = hidden_size;
  return network;
}

void AddColumns(ModelSpec* spec) {
  for (int i = 0; i < kBenchInputs; ++i) {
    spec->features.columns.push_back({.name = absl::StrCat("x", i)});
  }
}

void AddWeights(Model* model) {
  const NetworkSpec& network = model->spec.network;
  const auto range =
      static_cast<float>(1.0 / std::sqrt(double{1} * network.hidden_size));
  model->weights = RandomWeights(network, kSeed, range);
}

}  // namespace

absl::StatusOr<Cell> BenchCell(absl::string_view name) {
  if (name == "rnn") return Cell{.kind = CellKind::kRnn};
  if (name == "lstm") return Cell{.kind = CellKind::kLstm};
  if (name == "gru" || name == "lbr_gru") {
    return Cell{.kind = CellKind::kGru,
                .linear_before_reset = name == "lbr_gru"};
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "cell is \"", name, "\"; it must be rnn, lstm, gru or lbr_gru"));
}

Model BenchForecaster(const Cell& cell, int hidden_size) {
  Model model;
  ModelSpec& spec = model.spec;
  spec.task = Task::kForecast;
  spec.description = "random weights, for measuring";
  spec.quantiles = {0.1, 0.5, 0.9};
  AddColumns(&spec);
  spec.features.targets = {0};
  spec.features.output_scale = {1.0};
  spec.network = OneLayer(cell, hidden_size);
  spec.network.head = Head::kForecast;
  spec.network.horizon = 24;
  spec.network.targets = 1;
  spec.network.levels = 3;
  spec.network.decoder_size = 16;
  AddWeights(&model);
  return model;
}

Model BenchClassifier(const Cell& cell, int hidden_size) {
  Model model;
  ModelSpec& spec = model.spec;
  spec.task = Task::kClassify;
  spec.description = "random weights, for measuring";
  spec.labels = {"a", "b", "c", "d"};
  AddColumns(&spec);
  spec.network = OneLayer(cell, hidden_size);
  spec.network.head = Head::kSoftmax;
  spec.network.classes = 4;
  AddWeights(&model);
  return model;
}

std::vector<NamedModel> BenchModels() {
  const Cell lstm{.kind = CellKind::kLstm};
  const Cell gru{.kind = CellKind::kGru};
  return {{"lstm64", BenchForecaster(lstm, 64)},
          {"lstm128", BenchForecaster(lstm, 128)},
          {"gru128", BenchForecaster(gru, 128)},
          {"classifier128", BenchClassifier(lstm, 128)},
          {"accumulator", AccumulatorModel(kBenchInputs)}};
}

double StepFlop(const NetworkSpec& spec) {
  double flop = 0;
  for (int layer = 0; layer < spec.layers; ++layer) {
    flop += 2.0 * GateCount(spec.cell) * spec.hidden_size *
            (LayerInputSize(spec, layer) + spec.hidden_size);
  }
  return flop;
}

}  // namespace recur
