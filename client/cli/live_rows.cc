#include "client/cli/live_rows.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace recur::cli {

// One record, which is one line unless a quoted cell holds line ends. Empty
// lines are passed over.
bool LiveRows::ReadRecord(std::string* record) {
  record->clear();
  std::string line;
  bool open_quote = false;
  while (std::getline(*in_, line)) {
    ++lines_;
    if (record->empty()) {
      if (line.empty() || line == "\r") continue;
      record_line_ = lines_;
    }
    absl::StrAppend(record, line, "\n");
    if (std::count(line.begin(), line.end(), '"') % 2 == 1) {
      open_quote = !open_quote;
    }
    if (!open_quote) return true;
  }
  return !record->empty();
}

absl::StatusOr<LiveRows> LiveRows::Create(std::istream* in, std::string path,
                                          const client::ModelInfo& model,
                                          const std::string& time_column) {
  LiveRows rows(in, std::move(path));
  rows.ReadRecord(&rows.header_);
  const auto table = CsvTable::Parse(rows.header_, rows.path_);
  if (!table.ok()) return table.status();
  auto columns = MapColumns(*table, model, time_column);
  if (!columns.ok()) return columns.status();
  rows.columns_ = std::move(*columns);
  return rows;
}

absl::StatusOr<Observations> LiveRows::Parse(const std::string& record,
                                             int blank_lines) const {
  const auto table = CsvTable::Parse(
      absl::StrCat(header_, std::string(std::max(0, blank_lines), '\n'),
                   record),
      path_);
  if (!table.ok()) return table.status();
  return ReadObservations(*table, columns_);
}

absl::StatusOr<std::optional<Observations>> LiveRows::Next() {
  std::string record;
  if (!ReadRecord(&record)) return std::nullopt;
  auto row = Parse(record, /*blank_lines=*/0);
  if (row.ok()) return std::move(*row);
  // Parsed once more with the record on its own line, for the message alone:
  // doing so for every row would cost time quadratic in the rows.
  const int header_lines =
      static_cast<int>(std::count(header_.begin(), header_.end(), '\n'));
  return Parse(record, record_line_ - 1 - header_lines).status();
}

}  // namespace recur::cli
