#include "client/cli/classify_inputs.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/command.h"
#include "client/cli/observations.h"
#include "model/data/csv.h"
#include "model/spec/utf8.h"

namespace recur::cli {
namespace {

absl::Status CheckSource(const ClassifySource& source,
                         const client::ModelInfo& model) {
  const int given =
      !source.texts.empty() + !source.text_file.empty() + !source.csv.empty();
  if (given != 1) {
    return UsageError(
        "classify takes one of: texts as arguments, --text-file, --csv");
  }
  const bool sequences = !source.id_column.empty();
  if (source.csv.empty()) {
    const bool extra = sequences || !source.text_column.empty() ||
                       !source.label_column.empty();
    if (extra) {
      return UsageError("--text, --sequence-id and --label need --csv");
    }
  } else if (sequences == !source.text_column.empty()) {
    return UsageError(
        "--csv needs --sequence-id for sequences or --text for texts");
  }
  if (model.takes_text && sequences) {
    return UsageError(absl::StrFormat(
        "model \"%s\" takes texts, not sequences: use --text", model.name));
  }
  if (!model.takes_text && !sequences) {
    return UsageError(absl::StrFormat(
        "model \"%s\" takes sequences, not texts: use --csv with "
        "--sequence-id",
        model.name));
  }
  return absl::OkStatus();
}

ClassifyInputs FromTexts(std::vector<std::string> texts) {
  ClassifyInputs inputs;
  inputs.names = texts;
  inputs.texts = std::move(texts);
  return inputs;
}

absl::StatusOr<ClassifyInputs> FromLines(const std::string& path,
                                         std::istream& in) {
  std::ifstream file;
  if (path != "-") {
    file.open(path);
    if (!file) {
      return absl::NotFoundError(
          absl::StrCat(path, ": cannot be opened: ", std::strerror(errno)));
    }
  }
  const std::string name = path == "-" ? "standard input" : path;
  std::istream& source = path == "-" ? in : file;
  std::vector<std::string> texts;
  std::string text;
  for (int line = 1; std::getline(source, text); ++line) {
    if (!IsUtf8(text)) {
      return absl::InvalidArgumentError(
          absl::StrFormat("%s: line %d is not UTF-8", name, line));
    }
    text = std::string(absl::StripAsciiWhitespace(text));
    if (!text.empty()) texts.push_back(text);
  }
  if (texts.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(name, " holds no text"));
  }
  return FromTexts(std::move(texts));
}

// The cells of a column, or nothing if no column is named.
absl::StatusOr<std::vector<std::string>> Cells(const CsvTable& table,
                                               const std::string& name) {
  std::vector<std::string> cells;
  if (name.empty()) return cells;
  const auto column = table.ColumnIndex(name);
  if (!column.ok()) return column.status();
  for (int row = 0; row < table.rows(); ++row) {
    cells.emplace_back(table.cell(row, *column));
  }
  return cells;
}

absl::StatusOr<ClassifyInputs> FromTextColumn(const ClassifySource& source,
                                              const CsvTable& table) {
  auto texts = Cells(table, source.text_column);
  if (!texts.ok()) return texts.status();
  auto labels = Cells(table, source.label_column);
  if (!labels.ok()) return labels.status();
  ClassifyInputs inputs = FromTexts(std::move(*texts));
  inputs.labels = std::move(*labels);
  return inputs;
}

absl::StatusOr<ClassifyInputs> FromSequences(const ClassifySource& source,
                                             const CsvTable& table,
                                             const client::ModelInfo& model) {
  const auto columns = MapColumns(table, model, source.time_column);
  if (!columns.ok()) return columns.status();
  const auto rows = ReadObservations(table, *columns);
  if (!rows.ok()) return rows.status();
  const auto ids = Cells(table, source.id_column);
  if (!ids.ok()) return ids.status();
  const auto labels = Cells(table, source.label_column);
  if (!labels.ok()) return labels.status();

  ClassifyInputs inputs;
  std::map<std::string, int> index_of;
  for (int row = 0; row < table.rows(); ++row) {
    const std::string& id = (*ids)[row];
    const auto [found, fresh] = index_of.try_emplace(id, inputs.size());
    if (fresh) {
      inputs.names.push_back(id);
      inputs.sequences.emplace_back();
      if (!labels->empty()) inputs.labels.push_back((*labels)[row]);
    } else if (!labels->empty() &&
               inputs.labels[found->second] != (*labels)[row]) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "%s: line %d: sequence \"%s\" has two labels: \"%s\" and \"%s\"",
          table.path(), table.line(row), id, inputs.labels[found->second],
          (*labels)[row]));
    }
    client::Sequence& sequence = inputs.sequences[found->second];
    const auto values = rows->row(row);
    sequence.values.insert(sequence.values.end(), values.begin(), values.end());
    if (!rows->times_us.empty()) {
      sequence.times_us.push_back(rows->times_us[row]);
    }
  }
  return inputs;
}

}  // namespace

absl::StatusOr<ClassifyInputs> ReadClassifyInputs(
    const ClassifySource& source, const client::ModelInfo& model,
    std::istream& in) {
  if (absl::Status status = CheckSource(source, model); !status.ok()) {
    return status;
  }
  if (!source.texts.empty()) return FromTexts(source.texts);
  if (!source.text_file.empty()) return FromLines(source.text_file, in);
  const auto table = ReadTable(source.csv, in);
  if (!table.ok()) return table.status();
  if (table->rows() == 0) {
    return NoRows(*table);
  }
  return source.id_column.empty() ? FromTextColumn(source, *table)
                                  : FromSequences(source, *table, model);
}

}  // namespace recur::cli
