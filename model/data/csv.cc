#include "model/data/csv.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "model/data/csv_rows.h"
#include "model/data/file_bytes.h"

namespace recur {
namespace {

absl::Status CheckHeader(const std::string& path,
                         const std::vector<std::string>& columns) {
  std::set<std::string> seen;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].empty()) {
      return absl::InvalidArgumentError(
          absl::StrFormat("%s: line 1: column %d has no name", path, i + 1));
    }
    if (!seen.insert(columns[i]).second) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "%s: line 1: two columns are named \"%s\"", path, columns[i]));
    }
  }
  return absl::OkStatus();
}

bool MeansMissing(absl::string_view cell) {
  return cell.empty() || absl::EqualsIgnoreCase(cell, "nan") ||
         absl::EqualsIgnoreCase(cell, "na") ||
         absl::EqualsIgnoreCase(cell, "null");
}

// Nothing but a finite decimal number.
bool ParseNumber(absl::string_view cell, double* out) {
  // from_chars takes no plus sign.
  if (cell.size() > 1 && cell[0] == '+' && cell[1] != '-') {
    cell.remove_prefix(1);
  }
  const char* const end = cell.data() + cell.size();
  const auto [stop, error] = std::from_chars(cell.data(), end, *out);
  return error == std::errc() && stop == end && std::isfinite(*out);
}

}  // namespace

absl::StatusOr<CsvTable> CsvTable::Read(const std::string& path) {
  auto bytes = ReadFileBytes(path);
  if (!bytes.ok()) return bytes.status();
  return Parse(*bytes, path);
}

absl::StatusOr<CsvTable> CsvTable::Parse(absl::string_view bytes,
                                         std::string path) {
  CsvTable table;
  table.path_ = std::move(path);
  if (auto s = CheckEncoding(bytes, table.path_); !s.ok()) return s;
  CsvRows rows(bytes);
  std::vector<std::string> cells;
  while (rows.Next(&cells)) {
    if (table.columns_.empty()) {
      for (std::string& name : cells) {
        table.columns_.emplace_back(absl::StripAsciiWhitespace(name));
      }
      auto status = CheckHeader(table.path_, table.columns_);
      if (!status.ok()) return status;
      continue;
    }
    if (cells.size() != table.columns_.size()) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "%s: line %d has %d cells; the header has %d", table.path_,
          rows.line(), cells.size(), table.columns_.size()));
    }
    table.lines_.push_back(rows.line());
    std::move(cells.begin(), cells.end(), std::back_inserter(table.cells_));
  }
  if (!rows.error().empty()) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: line %d: %s", table.path_, rows.line(), rows.error()));
  }
  if (table.columns_.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(table.path_,
                     ": line 1: the file is empty; a CSV file "
                     "begins with a header of column names"));
  }
  return table;
}

absl::StatusOr<int> CsvTable::ColumnIndex(absl::string_view name) const {
  const auto found = std::find(columns_.begin(), columns_.end(), name);
  if (found != columns_.end())
    return static_cast<int>(found - columns_.begin());
  return absl::NotFoundError(
      absl::StrFormat("%s: no column \"%s\"; there are: %s", path_, name,
                      absl::StrJoin(columns_, ", ")));
}

absl::string_view CsvTable::cell(int row, int column) const {
  return cells_[static_cast<size_t>(row) * columns_.size() + column];
}

absl::StatusOr<std::vector<double>> CsvTable::Numbers(int column) const {
  std::vector<double> numbers(lines_.size());
  for (int row = 0; row < rows(); ++row) {
    const absl::string_view text =
        absl::StripAsciiWhitespace(cell(row, column));
    if (MeansMissing(text)) {
      numbers[row] = std::numeric_limits<double>::quiet_NaN();
    } else if (!ParseNumber(text, &numbers[row])) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "%s: line %d, column \"%s\": \"%s\" is not a finite number", path_,
          line(row), columns_[column], text));
    }
  }
  return numbers;
}

absl::StatusOr<std::vector<int64_t>> CsvTable::Times(int column) const {
  std::vector<int64_t> times(lines_.size());
  for (int row = 0; row < rows(); ++row) {
    const absl::StatusOr<int64_t> time = ParseTime(cell(row, column));
    if (!time.ok()) {
      return absl::InvalidArgumentError(
          absl::StrFormat("%s: line %d, column \"%s\": %s", path_, line(row),
                          columns_[column], time.status().message()));
    }
    times[row] = *time;
  }
  return times;
}

}  // namespace recur
