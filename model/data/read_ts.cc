#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "model/data/dataset.h"
#include "model/data/file_bytes.h"

namespace recur {
namespace {

class TsParser {
 public:
  explicit TsParser(std::string path) { file_.path = std::move(path); }

  absl::Status Line(absl::string_view line) {
    ++line_;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == '#') return absl::OkStatus();
    if (in_data_) return Sequence(line);
    if (line[0] == '@') return Header(line);
    return Error(
        "a header line that begins with \"@\", or \"@data\" must come before "
        "the first sequence");
  }

  absl::StatusOr<TsFile> Finish() {
    if (!in_data_) return Error("there is no \"@data\" line in the file");
    if (file_.sequences.empty()) return Error("no sequence follows \"@data\"");
    return std::move(file_);
  }

 private:
  absl::Status Error(absl::string_view what) const {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s: line %d: %s", file_.path, line_, what));
  }

  absl::Status Header(absl::string_view line) {
    const std::vector<std::string> words = absl::StrSplit(
        absl::AsciiStrToLower(line), absl::ByAnyChar(" \t"), absl::SkipEmpty());
    const bool yes = words.size() > 1 && words[1] == "true";
    if (words[0] == "@data") {
      in_data_ = true;
    } else if (words[0] == "@timestamps" && yes) {
      return Error(
          "values with timestamps are not read; write the file without them");
    } else if (words[0] == "@targetlabel") {
      return Error(
          "the labels are numbers to predict; a classifier needs "
          "\"@classLabel true\"");
    } else if (words[0] == "@classlabel" && !yes) {
      return Error(
          "the sequences have no labels; a classifier needs "
          "\"@classLabel true\"");
    }
    return absl::OkStatus();
  }

  absl::Status Sequence(absl::string_view line) {
    const std::vector<absl::string_view> parts = absl::StrSplit(line, ':');
    const size_t width = parts.size() - 1;
    if (file_.columns.empty()) NameColumns(width);
    if (width == 0 || width != file_.columns.size()) {
      return Error(absl::StrFormat(
          "%d dimensions and a label are separated by \":\"; %d parts are here",
          file_.columns.size(), parts.size()));
    }
    LabelledSequence sequence;
    sequence.label = std::string(absl::StripAsciiWhitespace(parts.back()));
    sequence.id = absl::StrCat(file_.sequences.size());
    if (sequence.label.empty()) return Error("the label is empty");
    for (size_t dimension = 0; dimension < width; ++dimension) {
      const absl::Status status =
          Dimension(parts[dimension], dimension, width, &sequence);
      if (!status.ok()) return status;
    }
    sequence.lines.assign(sequence.values.size() / width, line_);
    file_.sequences.push_back(std::move(sequence));
    return absl::OkStatus();
  }

  void NameColumns(size_t width) {
    for (size_t i = 0; i < width; ++i) {
      file_.columns.push_back(width == 1 ? "value" : absl::StrCat("dim_", i));
    }
  }

  absl::Status Dimension(absl::string_view part, size_t dimension, size_t width,
                         LabelledSequence* sequence) const {
    const std::vector<absl::string_view> cells = absl::StrSplit(part, ',');
    if (dimension == 0) sequence->values.resize(cells.size() * width);
    if (cells.size() * width != sequence->values.size()) {
      return Error(absl::StrFormat(
          "dimension %d has %d values; the first one has %d", dimension,
          cells.size(), sequence->values.size() / width));
    }
    for (size_t step = 0; step < cells.size(); ++step) {
      const absl::string_view cell = absl::StripAsciiWhitespace(cells[step]);
      double& value = sequence->values[step * width + dimension];
      if (cell == "?" || absl::EqualsIgnoreCase(cell, "nan")) {
        value = std::numeric_limits<double>::quiet_NaN();
      } else if (!absl::SimpleAtod(cell, &value) || !std::isfinite(value)) {
        return Error(absl::StrFormat(
            "value %d of dimension %d: \"%s\" is not a finite number; a "
            "missing value is \"?\"",
            step + 1, dimension, cell));
      }
    }
    return absl::OkStatus();
  }

  TsFile file_;
  int line_ = 0;
  bool in_data_ = false;
};

}  // namespace

absl::StatusOr<TsFile> ParseTs(absl::string_view bytes, std::string path) {
  if (auto s = CheckEncoding(bytes, path); !s.ok()) return s;
  absl::ConsumePrefix(&bytes, "\xEF\xBB\xBF");
  absl::ConsumeSuffix(&bytes, "\n");
  TsParser parser(std::move(path));
  for (absl::string_view line : absl::StrSplit(bytes, '\n')) {
    if (auto s = parser.Line(line); !s.ok()) return s;
  }
  return parser.Finish();
}

absl::StatusOr<TsFile> ReadTsFile(const std::string& path) {
  auto bytes = ReadFileBytes(path);
  if (!bytes.ok()) return bytes.status();
  return ParseTs(*bytes, path);
}

}  // namespace recur
