// What `recur classify` is to label: from arguments, lines or a CSV file.
#ifndef RECUR_CLIENT_CLI_CLASSIFY_INPUTS_H_
#define RECUR_CLIENT_CLI_CLASSIFY_INPUTS_H_

#include <istream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/sdk/types.h"

namespace recur::cli {

// Exactly one of texts, text_file and csv is set.
struct ClassifySource {
  std::vector<std::string> texts;
  std::string text_file;  // one text per line; "-": standard input
  std::string csv;
  std::string text_column;  // with csv: one of these two
  std::string id_column;
  std::string time_column;
  std::string label_column;  // optional
};

struct ClassifyInputs {
  std::vector<std::string> names;  // the text, or the id of the sequence
  std::vector<std::string> texts;  // one of these two
  std::vector<client::Sequence> sequences;
  std::vector<std::string> labels;  // the truth, or empty

  int size() const { return static_cast<int>(names.size()); }
};

// Usage errors (reason "usage") for sources that contradict each other or the
// model; the CSV reader's for files.
absl::StatusOr<ClassifyInputs> ReadClassifyInputs(
    const ClassifySource& source, const client::ModelInfo& model,
    std::istream& in);

}  // namespace recur::cli

#endif  // RECUR_CLIENT_CLI_CLASSIFY_INPUTS_H_
