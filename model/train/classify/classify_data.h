// Labelled texts or sequences: read, checked, and cut into the part to train
// on and the untouched test part.
#ifndef RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_DATA_H_
#define RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_DATA_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/data/csv.h"
#include "model/data/dataset.h"

namespace recur {

// Of a CSV file, either text_column or id_column is given, or neither: then
// all rows are one sequence with a label at every step. A .ts file says itself
// what is in it.
struct ClassifyDataOptions {
  std::string text_column;
  std::string id_column;
  std::string label_column;
  std::string time_column;  // of sequences; may be empty
  // Of sequences; empty: all columns but id, label and time.
  std::vector<std::string> features;
  // Every row has a label of its own: a stream that is labelled as it goes.
  bool label_per_step = false;

  // What the test is: the examples of this file,
  std::string test_path;
  // else exactly the last so many examples (of one stream: rows),
  std::optional<int> test_examples;
  // else this part of each label's examples, drawn by `seed` (of streams: the
  // last rows of each).
  double test = 0.2;
  uint64_t seed = 0;
};

// The examples of one file. One of texts and sequences is empty.
struct LabelledExamples {
  std::string path;
  std::vector<LabelledText> texts;
  std::vector<LabelledSequence> sequences;
  std::vector<std::string> columns;  // of the sequences' values
  bool label_per_step = false;

  size_t size() const { return texts.size() + sequences.size(); }
};

// By the file's extension: .ts, or else CSV.
absl::StatusOr<LabelledExamples> ReadExamples(
    const std::string& path, const ClassifyDataOptions& options);
absl::StatusOr<LabelledExamples> ReadExamples(
    const CsvTable& table, const ClassifyDataOptions& options);

struct ClassifyData {
  std::string path;       // for messages
  std::string test_path;  // empty: the test is of the same file
  // One of the two is empty.
  std::vector<LabelledText> texts;
  std::vector<LabelledSequence> sequences;
  std::vector<std::string> columns;       // of the sequences' values
  std::chrono::microseconds interval{0};  // the most common within sequences
  bool label_per_step = false;

  std::vector<std::string> labels;  // ascending: the classes
  // Per example its class, or with a label per step the class of every step.
  std::vector<std::vector<int>> truth;
  std::vector<int> train;  // examples
  std::vector<int> test;   // with a test_path the last ones

  bool is_text() const { return !texts.empty(); }
  // The line of its file where the step of the example is, and
  // "path: line N: ".
  int LineOf(int example, int step = 0) const;
  std::string Where(int example, int step = 0) const;
  // The bytes of its text or values: equal for equal examples.
  absl::string_view ContentOf(int example) const;
  // Times that each label is there among these examples.
  std::vector<int> CountLabels(const std::vector<int>& examples) const;
};

// Besides what the readers refuse: a single label, labels of which no example
// is left to train on, and a test file with other columns.
absl::StatusOr<ClassifyData> MakeClassifyData(
    LabelledExamples examples, std::optional<LabelledExamples> test,
    const ClassifyDataOptions& options);

// All examples as the test of a model that knows these labels, in its order.
// INVALID_ARGUMENT with the line for a label that it does not know.
absl::StatusOr<ClassifyData> MakeTestData(
    LabelledExamples examples, const std::vector<std::string>& labels);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_DATA_H_
