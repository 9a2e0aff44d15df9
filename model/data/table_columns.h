// Reading several columns of a table by name, and what their rows must keep.
#ifndef RECUR_MODEL_DATA_TABLE_COLUMNS_H_
#define RECUR_MODEL_DATA_TABLE_COLUMNS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/data/csv.h"

namespace recur {

// Numbers of the named columns, [rows, columns]. INVALID_ARGUMENT if the list
// is empty or names a column twice, or the table has no rows.
absl::StatusOr<std::vector<double>> ReadNumbers(
    const CsvTable& table, const std::vector<std::string>& columns);

// A column of names as numbers: the place of each row's among `names`.
// INVALID_ARGUMENT with the line of one that is none of them.
absl::StatusOr<std::vector<double>> ReadCategories(
    const CsvTable& table, int column, const std::vector<std::string>& names);

// Times of the named column; empty for an empty name.
absl::StatusOr<std::vector<int64_t>> ReadTimes(const CsvTable& table,
                                               const std::string& column);

// OK if the time of `row` is after that of the earlier row `before`.
absl::Status CheckAscends(const CsvTable& table, const std::string& column,
                          const std::vector<int64_t>& times, int before,
                          int row);

// The index of a column that must be named: `what` says what it is.
absl::StatusOr<int> NeededColumn(const CsvTable& table, const std::string& name,
                                 const char* what);

// OK if the cell has more than white space.
absl::Status CheckFilled(const CsvTable& table, int row, int column);

}  // namespace recur

#endif  // RECUR_MODEL_DATA_TABLE_COLUMNS_H_
