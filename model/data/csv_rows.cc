#include "model/data/csv_rows.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace recur {

CsvRows::CsvRows(absl::string_view bytes) : bytes_(bytes) {
  if (absl::StartsWith(bytes_, "\xEF\xBB\xBF")) bytes_.remove_prefix(3);
}

bool CsvRows::Next(std::vector<std::string>* cells) {
  cells->clear();
  if (!error_.empty()) return false;
  while (TakeLineEnd()) {
  }
  row_line_ = line_;
  if (AtEnd()) return false;
  while (true) {
    cells->emplace_back();
    if (!ReadCell(&cells->back())) return false;
    if (AtEnd() || TakeLineEnd()) return true;
    // ReadCell stops at a comma, a line end or the end.
    ++position_;
  }
}

bool CsvRows::ReadCell(std::string* cell) {
  if (!AtEnd() && bytes_[position_] == '"') return ReadQuoted(cell);
  const size_t end =
      std::min(bytes_.find_first_of(",\r\n", position_), bytes_.size());
  cell->assign(bytes_.data() + position_, end - position_);
  position_ = end;
  return true;
}

bool CsvRows::ReadQuoted(std::string* cell) {
  const int opening_line = line_;
  ++position_;
  while (true) {
    const size_t quote = bytes_.find('"', position_);
    if (quote == bytes_.npos) {
      row_line_ = opening_line;
      error_ = "a quote is opened and never closed";
      return false;
    }
    const absl::string_view piece = bytes_.substr(position_, quote - position_);
    line_ += static_cast<int>(std::count(piece.begin(), piece.end(), '\n'));
    cell->append(piece.data(), piece.size());
    position_ = quote + 1;
    if (AtEnd() || bytes_[position_] != '"') break;
    cell->push_back('"');
    ++position_;
  }
  if (AtEnd() || absl::StrContains(",\r\n", bytes_[position_])) return true;
  row_line_ = line_;
  error_ = absl::StrCat("\"", bytes_.substr(position_, 1),
                        "\" follows a closing quote; a comma or the end of "
                        "the line must");
  return false;
}

bool CsvRows::TakeLineEnd() {
  if (AtEnd()) return false;
  const char byte = bytes_[position_];
  if (byte != '\r' && byte != '\n') return false;
  ++position_;
  if (byte == '\r' && !AtEnd() && bytes_[position_] == '\n') ++position_;
  ++line_;
  return true;
}

}  // namespace recur
