#include "model/train/explain/explain_data.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/data/table_columns.h"

namespace recur {
namespace {

absl::StatusOr<int> RowOf(const CsvTable& table, int row) {
  if (row >= 1 && row <= table.rows()) return row - 1;
  if (row == 0 && table.rows() > 0) return table.rows() - 1;
  return absl::InvalidArgumentError(
      absl::StrFormat("%s: --row is %d; the file has rows 1 to %d",
                      table.path(), row, table.rows()));
}

// Rows of the sequence that ends with `row`, in order.
absl::StatusOr<std::vector<int>> RowsUpTo(const CsvTable& table, int row,
                                          const std::string& sequence) {
  int column = -1;
  if (!sequence.empty()) {
    auto index = table.ColumnIndex(sequence);
    if (!index.ok()) return index.status();
    column = *index;
  }
  std::vector<int> rows;
  for (int i = 0; i <= row; ++i) {
    if (column < 0 || table.cell(i, column) == table.cell(row, column)) {
      rows.push_back(i);
    }
  }
  return rows;
}

absl::StatusOr<ExplainedRow> ReadText(const CsvTable& table,
                                      const Servable& model, int row,
                                      const ExplainDataOptions& options) {
  auto column = NeededColumn(table, options.text, "text");
  if (!column.ok()) return column.status();
  if (auto s = CheckFilled(table, row, *column); !s.ok()) return s;
  const absl::string_view text = table.cell(row, *column);
  ExplainedRow explained;
  explained.question.tokens = model.tokenizer->Encode(text);
  explained.step_names = SplitText(model.spec.text, text);
  if (explained.question.tokens.empty()) {
    explained.question.tokens = {0};
    explained.step_names = {""};
  }
  return explained;
}

// What the rows say to the model.
struct Numbers {
  std::vector<double> values;  // [rows of the table, columns]
  std::vector<int64_t> times;
  size_t columns = 0;

  Observation At(int row) const {
    Observation observation;
    observation.values =
        absl::MakeConstSpan(values.data() + row * columns, columns);
    if (!times.empty()) observation.time_us = times[row];
    return observation;
  }
};

// A column of the model: numbers, or names of categories.
absl::StatusOr<std::vector<double>> ReadColumn(const CsvTable& table,
                                               const Column& column) {
  auto index = table.ColumnIndex(column.name);
  if (!index.ok()) {
    return absl::Status(
        index.status().code(),
        absl::StrCat(index.status().message(),
                     " (the model takes the columns it was trained on)"));
  }
  return column.category_names.empty()
             ? table.Numbers(*index)
             : ReadCategories(table, *index, column.category_names);
}

absl::StatusOr<Numbers> ReadNumbersFor(const CsvTable& table,
                                       const Servable& model,
                                       const std::string& time) {
  Numbers numbers;
  numbers.columns = model.spec.features.columns.size();
  numbers.values.resize(table.rows() * numbers.columns);
  for (size_t c = 0; c < numbers.columns; ++c) {
    auto own = ReadColumn(table, model.spec.features.columns[c]);
    if (!own.ok()) return own.status();
    for (size_t row = 0; row < own->size(); ++row) {
      numbers.values[row * numbers.columns + c] = (*own)[row];
    }
  }
  auto times = ReadTimes(table, time);
  if (!times.ok()) return times.status();
  numbers.times = *std::move(times);
  return numbers;
}

// The column that tells the sequences apart; empty: there is but one.
std::string SequenceColumn(const ModelSpec& spec,
                           const ExplainDataOptions& options) {
  if (!options.sequence.empty()) return options.sequence;
  for (const Column& column : spec.features.columns) {
    if (column.categories > 0) return column.name;
  }
  return "";
}

absl::StatusOr<ExplainedRow> ReadSequence(const CsvTable& table,
                                          const Servable& model, int row,
                                          const ExplainDataOptions& options) {
  auto numbers = ReadNumbersFor(table, model, options.time);
  if (!numbers.ok()) return numbers.status();
  auto rows = RowsUpTo(table, row, SequenceColumn(model.spec, options));
  if (!rows.ok()) return rows.status();
  std::vector<Observation> seen;
  for (int own : *rows) seen.push_back(numbers->At(own));
  int refused = 0;
  auto question = QuestionAfter(
      model, seen,
      options.steps > 0 ? options.steps : StepsToExplain(model.spec), &refused);
  if (!question.ok()) {
    return absl::Status(
        question.status().code(),
        absl::StrCat(table.path(), ": line ", table.line((*rows)[refused]),
                     ": ", question.status().message()));
  }
  ExplainedRow explained{*std::move(question)};
  const size_t steps = explained.question.values.size() / numbers->columns;
  for (size_t i = rows->size() - steps; i < rows->size(); ++i) {
    explained.step_names.push_back(seen[i].time_us.has_value()
                                       ? FormatTime(*seen[i].time_us)
                                       : absl::StrCat("row ", (*rows)[i] + 1));
  }
  return explained;
}

}  // namespace

absl::StatusOr<ExplainedRow> ReadExplainedRow(
    const CsvTable& table, const Servable& model,
    const ExplainDataOptions& options) {
  auto row = RowOf(table, options.row);
  if (!row.ok()) return row.status();
  auto explained = model.spec.takes_text
                       ? ReadText(table, model, *row, options)
                       : ReadSequence(table, model, *row, options);
  if (explained.ok()) explained->row = *row + 1;
  return explained;
}

}  // namespace recur
