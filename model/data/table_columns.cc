#include "model/data/table_columns.h"

#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace recur {

absl::StatusOr<std::vector<double>> ReadNumbers(
    const CsvTable& table, const std::vector<std::string>& columns) {
  if (columns.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(table.path(), ": no value columns are named"));
  }
  std::vector<double> values(static_cast<size_t>(table.rows()) *
                             columns.size());
  std::set<std::string> seen;
  for (size_t c = 0; c < columns.size(); ++c) {
    if (!seen.insert(columns[c]).second) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "%s: the column \"%s\" is named twice", table.path(), columns[c]));
    }
    const absl::StatusOr<int> index = table.ColumnIndex(columns[c]);
    if (!index.ok()) return index.status();
    const absl::StatusOr<std::vector<double>> numbers = table.Numbers(*index);
    if (!numbers.ok()) return numbers.status();
    for (size_t row = 0; row < numbers->size(); ++row) {
      values[row * columns.size() + c] = (*numbers)[row];
    }
  }
  if (!values.empty()) return values;
  return absl::InvalidArgumentError(
      absl::StrCat(table.path(), ": no rows follow the header"));
}

absl::StatusOr<std::vector<double>> ReadCategories(
    const CsvTable& table, int column, const std::vector<std::string>& names) {
  std::map<absl::string_view, double> places;
  for (const std::string& name : names) {
    places.emplace(name, static_cast<double>(places.size()));
  }
  std::vector<double> values;
  for (int row = 0; row < table.rows(); ++row) {
    const absl::string_view cell = table.cell(row, column);
    const auto found = places.find(cell);
    if (found == places.end()) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "%s: line %d, column \"%s\": \"%s\" is not known; it must be one of "
          "%s",
          table.path(), table.line(row), table.columns()[column], cell,
          absl::StrJoin(names, ", ")));
    }
    values.push_back(found->second);
  }
  return values;
}

absl::StatusOr<std::vector<int64_t>> ReadTimes(const CsvTable& table,
                                               const std::string& column) {
  if (column.empty()) return std::vector<int64_t>();
  const absl::StatusOr<int> index = table.ColumnIndex(column);
  if (!index.ok()) return index.status();
  return table.Times(*index);
}

absl::Status CheckAscends(const CsvTable& table, const std::string& column,
                          const std::vector<int64_t>& times, int before,
                          int row) {
  if (times[row] > times[before]) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrFormat(
      "%s: line %d, column \"%s\": %s is not after %s on line %d; times must "
      "ascend",
      table.path(), table.line(row), column, FormatTime(times[row]),
      FormatTime(times[before]), table.line(before)));
}

absl::StatusOr<int> NeededColumn(const CsvTable& table, const std::string& name,
                                 const char* what) {
  if (!name.empty()) return table.ColumnIndex(name);
  return absl::InvalidArgumentError(
      absl::StrFormat("%s: no column is named for %s", table.path(), what));
}

absl::Status CheckFilled(const CsvTable& table, int row, int column) {
  if (!absl::StripAsciiWhitespace(table.cell(row, column)).empty()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrFormat("%s: line %d, column \"%s\": the cell is empty",
                      table.path(), table.line(row), table.columns()[column]));
}

}  // namespace recur
