// Labelled texts or sequences: read, checked, and cut into the part to train
// on and the untouched test part.
#ifndef RECUR_MODEL_TRAIN_CLASSIFY_DATA_H_
#define RECUR_MODEL_TRAIN_CLASSIFY_DATA_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/data/csv.h"
#include "model/data/dataset.h"

namespace recur {

// Either text_column or id_column is given.
struct ClassifyDataOptions {
  std::string text_column;
  std::string id_column;
  std::string label_column;
  std::string time_column;  // of sequences; may be empty
  // Of sequences; empty: all columns but id, label and time.
  std::vector<std::string> features;
  double test = 0.2;  // this part of each label's examples, drawn by `seed`
  // or, if given, exactly the last so many examples of the file (0: no test).
  std::optional<int> test_examples;
  uint64_t seed = 0;
};

struct ClassifyData {
  std::string path;  // for messages
  // One of the two is empty.
  std::vector<LabelledText> texts;
  std::vector<LabelledSequence> sequences;
  std::vector<std::string> columns;       // of the sequences' values
  std::chrono::microseconds interval{0};  // the most common within sequences

  std::vector<std::string> labels;  // ascending: the classes
  std::vector<int> truth;           // class per example
  std::vector<int> train;           // examples
  std::vector<int> test;

  bool is_text() const { return !texts.empty(); }
  const std::string& LabelOf(int example) const;
  // "path: line N: ", where the example begins.
  std::string Where(int example) const;
};

// Besides what the readers refuse: a single label, and labels of which no
// example is left to train on.
absl::StatusOr<ClassifyData> MakeClassifyData(
    const CsvTable& table, const ClassifyDataOptions& options);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_CLASSIFY_DATA_H_
