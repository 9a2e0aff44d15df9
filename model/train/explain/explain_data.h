// The question that a row of a file asks of a model.
#ifndef RECUR_MODEL_TRAIN_EXPLAIN_EXPLAIN_DATA_H_
#define RECUR_MODEL_TRAIN_EXPLAIN_EXPLAIN_DATA_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/data/csv.h"
#include "model/servable/servable.h"
#include "model/train/explain/question.h"

namespace recur {

struct ExplainDataOptions {
  int row = 0;       // 1-based, without the header; 0: the last
  std::string time;  // column; empty: none
  // Column that tells sequences apart; empty: that by which the model knows its
  // series, if it does, else all rows are one sequence.
  std::string sequence;
  std::string text;  // column of text, for a model of texts
  int steps = 0;     // at most so many are explained; 0: as many as help
};

struct ExplainedRow {
  Question question;
  int row = 0;  // 1-based
  // Of every step of the question: its time, or "row N"; of text the token.
  std::vector<std::string> step_names;
};

// The sequence that ends with the row: the rows before it (with the same text
// in the column `sequence`) that the answer may depend on. What is earlier than
// the explained steps has gone into question.before. Errors name file and line:
// a column or row that is not there, a series that the model does not know, and
// what its features refuse.
absl::StatusOr<ExplainedRow> ReadExplainedRow(
    const CsvTable& table, const Servable& model,
    const ExplainDataOptions& options);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_EXPLAIN_EXPLAIN_DATA_H_
