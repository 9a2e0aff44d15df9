#include "client/cli/table.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace recur::cli {

int DisplayWidth(absl::string_view text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](char byte) {
        return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
      }));
}

std::string PadLeft(absl::string_view text, int width) {
  return absl::StrCat(std::string(std::max(0, width - DisplayWidth(text)), ' '),
                      text);
}

std::string PadRight(absl::string_view text, int width) {
  return absl::StrCat(
      text, std::string(std::max(0, width - DisplayWidth(text)), ' '));
}

std::string FormatNumber(double value) { return FormatNumber(value, value); }

std::string FormatNumber(double value, double scale) {
  if (std::isnan(value)) return "-";
  const double size = std::abs(scale);
  if (size >= 1e7 || (size > 0 && size < 1e-3)) {
    return absl::StrFormat("%.4g", value);
  }
  const int decimals = size >= 100 ? 1 : size >= 1 || size == 0 ? 2 : 4;
  // What rounds to zero has no sign.
  const double least = 0.5 * std::pow(10.0, -decimals);
  return absl::StrFormat("%.*f", decimals,
                         std::abs(value) < least ? 0.0 : value);
}

std::string FormatBytes(double bytes) {
  const char* const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  int unit = 0;
  while (bytes >= 1024 && unit < 4) {
    bytes /= 1024;
    ++unit;
  }
  const int decimals = unit > 0 && bytes < 10 ? 1 : 0;
  return absl::StrFormat("%.*f %s", decimals, bytes, units[unit]);
}

std::string Counted(int64_t count, absl::string_view noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

std::string FormatSeconds(double seconds) {
  if (seconds < 1) return absl::StrFormat("%.0f ms", seconds * 1000);
  if (seconds < 120) return absl::StrFormat("%.0f s", seconds);
  if (seconds < 2 * 3600) return absl::StrFormat("%.0f min", seconds / 60);
  if (seconds < 2 * 86400) return absl::StrFormat("%.1f h", seconds / 3600);
  return absl::StrFormat("%.0f days", seconds / 86400);
}

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::AddRow(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

std::string Table::ToString() const {
  std::vector<int> widths;
  for (size_t c = 0; c < columns_.size(); ++c) {
    int width = DisplayWidth(columns_[c].name);
    for (const auto& row : rows_) width = std::max(width, DisplayWidth(row[c]));
    widths.push_back(width);
  }
  std::string text;
  const auto append = [&](auto cell_of) {
    std::string line;
    for (size_t c = 0; c < columns_.size(); ++c) {
      const std::string& cell = cell_of(c);
      absl::StrAppend(&line, c > 0 ? "  " : "",
                      columns_[c].right ? PadLeft(cell, widths[c])
                                        : PadRight(cell, widths[c]));
    }
    absl::StrAppend(&text, absl::StripTrailingAsciiWhitespace(line), "\n");
  };
  append([&](size_t c) -> const std::string& { return columns_[c].name; });
  for (const auto& row : rows_) {
    append([&](size_t c) -> const std::string& { return row[c]; });
  }
  return text;
}

}  // namespace recur::cli
