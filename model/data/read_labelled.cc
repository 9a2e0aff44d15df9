#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/data/dataset.h"
#include "model/data/table_columns.h"

namespace recur {
namespace {

std::string Trimmed(absl::string_view cell) {
  return std::string(absl::StripAsciiWhitespace(cell));
}

// The columns of a table of sequences, read.
struct SequenceCells {
  const CsvTable& table;
  const SequenceColumns& columns;
  int id = -1;  // none
  int label = 0;
  std::vector<double> values;  // [rows, columns]
  std::vector<int64_t> times;  // [rows] or empty
};

absl::StatusOr<SequenceCells> ReadCells(const CsvTable& table,
                                        const SequenceColumns& columns) {
  SequenceCells cells{table, columns};
  if (!columns.id.empty() || !columns.label_per_step) {
    absl::StatusOr<int> id =
        NeededColumn(table, columns.id,
                     "the sequence id; it tells which rows belong together");
    if (!id.ok()) return id.status();
    cells.id = *id;
  }
  absl::StatusOr<int> label = NeededColumn(table, columns.label, "the label");
  if (!label.ok()) return label.status();
  auto values = ReadNumbers(table, columns.values);
  if (!values.ok()) return values.status();
  auto times = ReadTimes(table, columns.time);
  if (!times.ok()) return times.status();
  cells.label = *label;
  cells.values = *std::move(values);
  cells.times = *std::move(times);
  return cells;
}

// Checks the row against its sequence; last_row is -1 for the first.
absl::Status CheckRow(const SequenceCells& cells,
                      const LabelledSequence& sequence, int last_row, int row) {
  const CsvTable& table = cells.table;
  for (int column : {cells.id, cells.label}) {
    if (column < 0) continue;
    auto status = CheckFilled(table, row, column);
    if (!status.ok()) return status;
  }
  const std::string label = Trimmed(table.cell(row, cells.label));
  if (last_row >= 0 && label != sequence.label &&
      !cells.columns.label_per_step) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: line %d, column \"%s\": sequence \"%s\" has the label \"%s\" here "
        "and \"%s\" on line %d; a sequence has one label, unless every row is "
        "said to have its own (--label-per-step)",
        table.path(), table.line(row), cells.columns.label, sequence.id, label,
        sequence.label, sequence.lines[0]));
  }
  if (last_row < 0 || cells.times.empty()) return absl::OkStatus();
  return CheckAscends(table, cells.columns.time, cells.times, last_row, row);
}

void AppendRow(const SequenceCells& cells, int row,
               LabelledSequence* sequence) {
  const size_t width = cells.columns.values.size();
  const auto first = cells.values.begin() + static_cast<int64_t>(row * width);
  sequence->values.insert(sequence->values.end(), first, first + width);
  if (!cells.times.empty()) sequence->times.push_back(cells.times[row]);
  sequence->lines.push_back(cells.table.line(row));
  if (cells.columns.label_per_step) {
    sequence->labels.push_back(Trimmed(cells.table.cell(row, cells.label)));
  }
}

}  // namespace

absl::StatusOr<std::vector<LabelledSequence>> ReadLabelledSequences(
    const CsvTable& table, const SequenceColumns& columns) {
  const absl::StatusOr<SequenceCells> cells = ReadCells(table, columns);
  if (!cells.ok()) return cells.status();
  std::vector<LabelledSequence> sequences;
  std::vector<int> last_rows;  // of each sequence
  std::map<std::string, size_t> index;
  for (int row = 0; row < table.rows(); ++row) {
    const std::string id =
        cells->id < 0 ? "" : Trimmed(table.cell(row, cells->id));
    const auto [found, is_new] = index.try_emplace(id, sequences.size());
    if (is_new) {
      LabelledSequence& sequence = sequences.emplace_back();
      sequence.id = id;
      if (!columns.label_per_step) {
        sequence.label = Trimmed(table.cell(row, cells->label));
      }
      last_rows.push_back(-1);
    }
    LabelledSequence& sequence = sequences[found->second];
    const absl::Status status =
        CheckRow(*cells, sequence, last_rows[found->second], row);
    if (!status.ok()) return status;
    last_rows[found->second] = row;
    AppendRow(*cells, row, &sequence);
  }
  return sequences;
}

absl::StatusOr<std::vector<LabelledText>> ReadLabelledTexts(
    const CsvTable& table, const std::string& text_column,
    const std::string& label_column) {
  const absl::StatusOr<int> text = NeededColumn(table, text_column, "the text");
  if (!text.ok()) return text.status();
  const absl::StatusOr<int> label =
      NeededColumn(table, label_column, "the label");
  if (!label.ok()) return label.status();
  std::vector<LabelledText> texts;
  for (int row = 0; row < table.rows(); ++row) {
    for (int column : {*text, *label}) {
      auto status = CheckFilled(table, row, column);
      if (!status.ok()) return status;
    }
    texts.push_back({std::string(table.cell(row, *text)),
                     Trimmed(table.cell(row, *label)), table.line(row)});
  }
  if (!texts.empty()) return texts;
  return absl::InvalidArgumentError(
      absl::StrCat(table.path(), ": no rows follow the header"));
}

}  // namespace recur
