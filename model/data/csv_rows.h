// Cuts the bytes of a CSV file into rows of cells (RFC 4180).
#ifndef RECUR_MODEL_DATA_CSV_ROWS_H_
#define RECUR_MODEL_DATA_CSV_ROWS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace recur {

// Rows end with "\n", "\r\n" or "\r"; lines without any byte are skipped, and
// so is a byte order mark. A cell in quotes may hold commas, line ends and
// doubled quotes.
class CsvRows {
 public:
  // `bytes` must outlive it.
  explicit CsvRows(absl::string_view bytes);

  // False at the end of the bytes or on an error, which error() then tells.
  bool Next(std::vector<std::string>* cells);

  // 1-based line on which the last row began, or the error is.
  int line() const { return row_line_; }
  const std::string& error() const { return error_; }

 private:
  // One cell from position_ on; false on an error.
  bool ReadCell(std::string* cell);
  bool ReadQuoted(std::string* cell);

  // Whether a line end is next, which it takes.
  bool TakeLineEnd();
  bool AtEnd() const { return position_ == bytes_.size(); }

  absl::string_view bytes_;
  size_t position_ = 0;
  int line_ = 1;
  int row_line_ = 1;
  std::string error_;
};

}  // namespace recur

#endif  // RECUR_MODEL_DATA_CSV_ROWS_H_
