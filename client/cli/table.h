// A table of text for people: columns as wide as their widest cell, two spaces
// between them. Pure.
#ifndef RECUR_CLIENT_CLI_TABLE_H_
#define RECUR_CLIENT_CLI_TABLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace recur::cli {

// Characters of UTF-8 text; each counts as one column of the terminal.
int DisplayWidth(absl::string_view text);

// Filled with spaces to `width` characters, at the left or at the right.
std::string PadLeft(absl::string_view text, int width);
std::string PadRight(absl::string_view text, int width);

// With so many decimals that three to five digits are seen: "1234.5",
// "12.34", "0.0123"; "-" for NaN.
std::string FormatNumber(double value);

// With the decimals of `scale`, so that numbers side by side look alike.
std::string FormatNumber(double value, double scale);

// "512 B", "1.5 KiB", "20 MiB".
std::string FormatBytes(double bytes);

// "1 row", "2 rows".
std::string Counted(int64_t count, absl::string_view noun);

// "850 ms", "12 s", "5 min", "23.5 h", "12 days".
std::string FormatSeconds(double seconds);

class Table {
 public:
  struct Column {
    std::string name;
    bool right = false;  // numbers stand at the right
  };

  explicit Table(std::vector<Column> columns);

  // As many cells as columns; missing ones are empty.
  void AddRow(std::vector<std::string> cells);

  // Header and rows, each line ended; no spaces at line ends.
  std::string ToString() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace recur::cli

#endif  // RECUR_CLIENT_CLI_TABLE_H_
