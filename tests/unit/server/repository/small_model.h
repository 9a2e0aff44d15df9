// A model of a few hundred bytes and a directory that goes away by itself.
#ifndef RECUR_TESTS_UNIT_SERVER_REPOSITORY_SMALL_MODEL_H_
#define RECUR_TESTS_UNIT_SERVER_REPOSITORY_SMALL_MODEL_H_

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "model/format/model_directory.h"
#include "model/network/random_weights.h"
#include "model/spec/model_spec.h"

namespace recur {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name =
        (std::filesystem::temp_directory_path() / "recur_XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// An LSTM that classifies two columns; another seed gives other weights.
inline Model SmallModel(uint64_t seed) {
  Model model;
  model.spec.task = Task::kClassify;
  model.spec.network.cell.kind = CellKind::kLstm;
  model.spec.network.input_size = 2;
  model.spec.network.hidden_size = 3;
  model.spec.network.head = Head::kSoftmax;
  model.spec.network.classes = 2;
  model.spec.features.columns = {{.name = "a"}, {.name = "b"}};
  model.spec.labels = {"off", "on"};
  model.weights = RandomWeights(model.spec.network, seed, 0.5f);
  return model;
}

inline void WriteText(const std::filesystem::path& path,
                      const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

// A version that reads as far as its weights, which are cut short.
inline void WriteBrokenModel(const std::filesystem::path& directory) {
  ASSERT_TRUE(WriteModel(SmallModel(1), directory).ok());
  const auto weights = directory / "weights.safetensors";
  std::filesystem::resize_file(weights,
                               std::filesystem::file_size(weights) / 2);
}

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_SERVER_REPOSITORY_SMALL_MODEL_H_
