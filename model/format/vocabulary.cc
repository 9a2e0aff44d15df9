#include "model/format/vocabulary.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "model/format/strict_json.h"
#include "model/spec/utf8.h"

namespace recur {
namespace {

struct Escape {
  char letter;
  char byte;
};

constexpr Escape kEscapes[] = {
    {'\\', '\\'}, {'s', ' '}, {'n', '\n'}, {'r', '\r'}, {'t', '\t'}};

void AppendEscapedByte(char byte, std::string* out) {
  for (const Escape& escape : kEscapes) {
    if (byte != escape.byte) continue;
    out->push_back('\\');
    out->push_back(escape.letter);
    return;
  }
  absl::StrAppendFormat(out, "\\x%02X", static_cast<unsigned char>(byte));
}

void AppendEntry(absl::string_view entry, std::string* out) {
  while (!entry.empty()) {
    const size_t length = Utf8Length(entry);
    const bool plain =
        length > 1 ||
        (length == 1 && absl::ascii_isgraph(entry[0]) && entry[0] != '\\');
    if (plain) {
      out->append(entry.data(), length);
    } else {
      AppendEscapedByte(entry[0], out);
    }
    entry.remove_prefix(plain ? length : 1);
  }
}

// Takes one escape, of which the backslash is gone, from the front of *text.
bool TakeEscape(absl::string_view* text, std::string* out) {
  if (text->empty()) return false;
  for (const Escape& escape : kEscapes) {
    if (text->front() != escape.letter) continue;
    out->push_back(escape.byte);
    text->remove_prefix(1);
    return true;
  }
  if (text->front() != 'x' || text->size() < 3 ||
      !absl::ascii_isxdigit((*text)[1]) || !absl::ascii_isxdigit((*text)[2])) {
    return false;
  }
  out->append(absl::HexStringToBytes(text->substr(1, 2)));
  text->remove_prefix(3);
  return true;
}

bool DecodeEntry(absl::string_view line, std::string* entry) {
  while (!line.empty()) {
    const char byte = line.front();
    line.remove_prefix(1);
    if (byte != '\\') {
      entry->push_back(byte);
    } else if (!TakeEscape(&line, entry)) {
      return false;
    }
  }
  return true;
}

bool IsControl(char byte) {
  return absl::ascii_iscntrl(static_cast<unsigned char>(byte));
}

}  // namespace

std::string EncodeVocabulary(const std::vector<std::string>& entries) {
  std::string bytes;
  for (const std::string& entry : entries) {
    AppendEntry(entry, &bytes);
    bytes.push_back('\n');
  }
  return bytes;
}

absl::StatusOr<std::vector<std::string>> DecodeVocabulary(
    absl::string_view bytes) {
  std::vector<std::string> entries;
  std::set<std::string> seen;
  while (!bytes.empty()) {
    const int line_number = static_cast<int>(entries.size()) + 1;
    const size_t end = bytes.find('\n');
    if (end == bytes.npos) {
      return absl::DataLossError(absl::StrFormat(
          "line %d has no end: the file is truncated", line_number));
    }
    const absl::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(end + 1);
    if (!IsUtf8(line) || std::any_of(line.begin(), line.end(), IsControl)) {
      return absl::DataLossError(absl::StrFormat(
          "line %d, %s, has a byte that must be written as \\n \\r \\t or "
          "\\xHH",
          line_number, QuotedForMessage(line)));
    }
    std::string entry;
    if (!DecodeEntry(line, &entry)) {
      return absl::DataLossError(absl::StrFormat(
          "line %d, %s, has an escape other than \\\\ \\s \\n \\r \\t \\xHH",
          line_number, QuotedForMessage(line)));
    }
    if (entry.empty() || !seen.insert(entry).second) {
      return absl::DataLossError(absl::StrFormat(
          "line %d, %s, is %s", line_number, QuotedForMessage(line),
          entry.empty() ? "empty" : "there twice"));
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace recur
