// A CSV file with a header (RFC 4180: quotes, doubled quotes, CRLF; a UTF-8
// byte order mark is skipped, and so are lines without any byte). Cells stay
// text until a column is asked for as numbers or times, so that errors can name
// file, line and column. White space around names, numbers and times does not
// count.
#ifndef RECUR_MODEL_DATA_CSV_H_
#define RECUR_MODEL_DATA_CSV_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace recur {

class CsvTable {
 public:
  // NOT_FOUND if it cannot be opened; INVALID_ARGUMENT with the line for an
  // empty file, one that is not UTF-8, a row of another width than the header,
  // an unclosed quote, a doubled or empty column name.
  static absl::StatusOr<CsvTable> Read(const std::string& path);

  // The same from bytes; `path` is for messages.
  static absl::StatusOr<CsvTable> Parse(absl::string_view bytes,
                                        std::string path);

  const std::string& path() const { return path_; }
  const std::vector<std::string>& columns() const { return columns_; }
  int rows() const { return static_cast<int>(lines_.size()); }
  // 1-based line of the file on which row i starts.
  int line(int row) const { return lines_[row]; }

  // NOT_FOUND naming the columns there are.
  absl::StatusOr<int> ColumnIndex(absl::string_view name) const;

  absl::string_view cell(int row, int column) const;

  // Empty cells, "NaN", "NA" and "null" are NaN; anything else that is not a
  // finite number is INVALID_ARGUMENT with the line and the cell.
  absl::StatusOr<std::vector<double>> Numbers(int column) const;

  // Microseconds since the epoch from ISO 8601 dates and times ("2012-01-31",
  // "2012-01-31 23:59[:59[.123456]]", "T" and "Z" or an offset allowed;
  // without one UTC) or from integers (seconds since the epoch).
  absl::StatusOr<std::vector<int64_t>> Times(int column) const;

 private:
  CsvTable() = default;

  std::string path_;
  std::vector<std::string> columns_;
  std::vector<std::string> cells_;  // [rows, columns]
  std::vector<int> lines_;
};

// One time as CsvTable::Times reads it; INVALID_ARGUMENT without a line.
absl::StatusOr<int64_t> ParseTime(absl::string_view text);

// "2012-01-31" if it is midnight UTC, else "2012-01-31T23:59:59Z", with a
// fraction of the second if there is one. ParseTime reads it back.
std::string FormatTime(int64_t time_us);

}  // namespace recur

#endif  // RECUR_MODEL_DATA_CSV_H_
