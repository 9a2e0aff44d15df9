// Models of every kind with pseudo-random weights, and a scratch directory.
#ifndef RECUR_TESTS_UNIT_MODEL_FORMAT_MODEL_FIXTURES_H_
#define RECUR_TESTS_UNIT_MODEL_FORMAT_MODEL_FIXTURES_H_

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "model/spec/model_spec.h"

namespace recur {

inline Weights RandomWeights(const std::vector<TensorShape>& shapes) {
  std::mt19937 random(7);
  Weights weights;
  for (const TensorShape& shape : shapes) {
    Tensor& tensor = weights[shape.name];
    tensor.dims = shape.dims;
    for (int64_t i = 0; i < ElementCount(shape.dims); ++i) {
      tensor.values.push_back(static_cast<int>(random() % 2001) / 1000.0f - 1);
    }
  }
  return weights;
}

inline Model WithWeights(ModelSpec spec,
                         std::vector<std::string> vocabulary = {}) {
  if (spec.takes_text) {
    spec.network.vocabulary_size = static_cast<int>(vocabulary.size()) + 1;
  } else {
    spec.network.input_size = InputWidth(spec.features);
  }
  if (spec.task == Task::kForecast) {
    spec.network.future_size = FutureWidth(spec.features);
  }
  return {
      spec, RandomWeights(WeightShapes(spec.network)), std::move(vocabulary),
      RandomWeights(FeatureWeightShapes(spec.features, spec.network.horizon))};
}

// A forecast with every feature there is, and numbers that need all digits.
inline Model ForecastModel() {
  ModelSpec spec;
  spec.task = Task::kForecast;
  spec.description = "dly \"max\"\n\ttemperature, Zürich \x7f ☔";
  spec.network.cell = {CellKind::kGru, Activation::kTanh, false};
  spec.network.hidden_size = 3;
  spec.network.layers = 2;
  spec.network.head = Head::kForecast;
  spec.network.horizon = 4;
  spec.network.targets = 2;
  spec.network.levels = 3;
  spec.network.decoder_size = 4;
  spec.features.columns = {{"temp_max", 16.43894, 0.1 + 0.2, true, false},
                           {"wind", -1e-300, 5e-324, false, false},
                           {"load ☔", 1e17, 1.7976931348623157e308, true, true},
                           {"which", 0.0, 1.0, false, false, 4}};
  spec.features.columns[3].category_names = {"Zürich", "a b", "☔", "\"\\"};
  spec.features.targets = {1, 0};
  spec.features.interval = std::chrono::hours(24);
  spec.features.max_gap_intervals = 30;
  spec.features.calendar = {1, 2, 3, -480, true};
  spec.features.changes = true;
  spec.features.seasons = {7, 365};
  spec.features.season_values = 2;
  spec.features.running_scale = true;
  spec.features.autoregression = {5, 1, 3};
  spec.features.anchor = Anchor::kLast;
  spec.features.output_scale = {1.0 / 3.0, 2.5};
  spec.features.input_clip = 8.0;
  spec.quantiles = {0.1, 0.5, 0.9};
  return WithWeights(spec);
}

// The mean of one column, as small as a forecast can be.
inline Model MeanForecastModel() {
  ModelSpec spec;
  spec.task = Task::kForecast;
  spec.network.cell = {CellKind::kRnn, Activation::kRelu, true};
  spec.network.head = Head::kForecast;
  spec.network.horizon = 1;
  spec.network.targets = 1;
  spec.network.levels = 1;
  spec.network.decoder_size = 1;
  spec.features.columns = {{"x"}};
  spec.features.targets = {0};
  spec.features.output_scale = {1.0};
  return WithWeights(spec);
}

inline Model TextModel() {
  ModelSpec spec;
  spec.network.cell.kind = CellKind::kRnn;
  spec.network.cell.activation = Activation::kSigmoid;
  spec.network.embedding_size = 2;
  spec.network.hidden_size = 2;
  spec.network.classes = 3;
  spec.takes_text = true;
  spec.text = {TokenUnit::kCharacter, false};
  spec.labels = {"fault", "größer", ""};
  return WithWeights(
      spec, {"a", " ", "\n", "\r", "\t", "\\", "\\n", "n", "ß", "☔", "\xff",
             std::string(1, '\0'), "\x7f", "\xc3", "\xed\xa0\x80", "pump 7"});
}

inline Model BidirectionalModel() {
  ModelSpec spec;
  spec.network.cell.kind = CellKind::kLstm;
  spec.network.hidden_size = 2;
  spec.network.layers = 2;
  spec.network.bidirectional = true;
  spec.network.pooling = Pooling::kMax;
  spec.network.head = Head::kSigmoid;
  spec.network.classes = 1;
  spec.features.columns = {{"co2"}, {"light", 119.5, 194.8, true}};
  spec.labels = {"empty", "occupied"};
  return WithWeights(spec);
}

inline Model SmallModel() {
  ModelSpec spec;
  spec.network.cell.kind = CellKind::kGru;
  spec.network.hidden_size = 2;
  spec.network.classes = 2;
  spec.features.columns = {{"x"}};
  spec.labels = {"no", "yes"};
  return WithWeights(spec);
}

inline std::vector<Model> AllModels() {
  return {ForecastModel(), MeanForecastModel(), TextModel(),
          BidirectionalModel(), SmallModel()};
}

class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string name =
        (std::filesystem::temp_directory_path() / "recur-test-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~ScratchDirectory() { std::filesystem::remove_all(path_); }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline std::string FileBytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

inline void WriteBytes(const std::filesystem::path& path,
                       const std::string& bytes) {
  // A file that is truncated and written again is slow on some file systems.
  std::filesystem::remove(path);
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_MODEL_FORMAT_MODEL_FIXTURES_H_
