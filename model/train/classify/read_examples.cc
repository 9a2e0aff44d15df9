#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/train/classify/classify_data.h"

namespace recur {
namespace {

std::vector<std::string> OtherColumns(const CsvTable& table,
                                      const ClassifyDataOptions& options) {
  std::vector<std::string> others;
  for (const std::string& column : table.columns()) {
    if (column != options.id_column && column != options.label_column &&
        column != options.time_column) {
      others.push_back(column);
    }
  }
  return others;
}

absl::Status ReadSequences(const CsvTable& table,
                           const ClassifyDataOptions& options,
                           LabelledExamples* examples) {
  examples->label_per_step =
      options.label_per_step || options.id_column.empty();
  examples->columns = options.features.empty() ? OtherColumns(table, options)
                                               : options.features;
  if (examples->columns.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(table.path(), ": no column is left as a feature beside ",
                     options.id_column, " and ", options.label_column));
  }
  auto sequences = ReadLabelledSequences(
      table, {examples->columns, options.id_column, options.label_column,
              options.time_column, examples->label_per_step});
  if (!sequences.ok() && options.features.empty()) {
    return absl::Status(
        sequences.status().code(),
        absl::StrCat(sequences.status().message(),
                     " (without --features every column but the id, the label "
                     "and --time is a feature; a column of texts is named by "
                     "--text)"));
  }
  if (!sequences.ok()) return sequences.status();
  examples->sequences = *std::move(sequences);
  return absl::OkStatus();
}

// A .ts file says itself what its values are.
absl::Status CheckTsOptions(const std::string& path,
                            const ClassifyDataOptions& options) {
  const std::pair<const char*, bool> columns[] = {
      {"--text", !options.text_column.empty()},
      {"--sequence-id", !options.id_column.empty()},
      {"--time", !options.time_column.empty()},
      {"--features", !options.features.empty()},
      {"--label-per-step", options.label_per_step}};
  for (const auto& [name, given] : columns) {
    if (!given) continue;
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s is given, but %s has no columns to choose from: of a .ts file all "
        "dimensions are read",
        name, path));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LabelledExamples> ReadExamples(
    const CsvTable& table, const ClassifyDataOptions& options) {
  LabelledExamples examples{.path = table.path()};
  if (options.label_column.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        table.path(), ": no column is named for the label; use --label"));
  }
  if (options.text_column.empty()) {
    if (auto s = ReadSequences(table, options, &examples); !s.ok()) return s;
    return examples;
  }
  auto texts =
      ReadLabelledTexts(table, options.text_column, options.label_column);
  if (!texts.ok()) return texts.status();
  examples.texts = *std::move(texts);
  return examples;
}

absl::StatusOr<LabelledExamples> ReadExamples(
    const std::string& path, const ClassifyDataOptions& options) {
  if (!absl::EndsWithIgnoreCase(path, ".ts")) {
    auto table = CsvTable::Read(path);
    if (!table.ok()) return table.status();
    return ReadExamples(*table, options);
  }
  if (auto s = CheckTsOptions(path, options); !s.ok()) return s;
  auto file = ReadTsFile(path);
  if (!file.ok()) return file.status();
  return LabelledExamples{.path = path,
                          .sequences = std::move(file->sequences),
                          .columns = std::move(file->columns)};
}

}  // namespace recur
