#include "model/data/file_bytes.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/spec/utf8.h"

namespace recur {

absl::StatusOr<std::string> ReadFileBytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const int error = errno;
    return absl::NotFoundError(
        absl::StrCat(path, ": cannot be opened: ", std::strerror(error)));
  }
  std::string bytes;
  std::vector<char> block(1 << 20);
  while (file.read(block.data(), static_cast<std::streamsize>(block.size())),
         file.gcount() > 0) {
    bytes.append(block.data(), static_cast<size_t>(file.gcount()));
  }
  if (!file.bad()) return bytes;
  return absl::NotFoundError(absl::StrCat(path, ": cannot be read"));
}

absl::Status CheckEncoding(absl::string_view bytes, const std::string& path) {
  if (absl::StartsWith(bytes, "\xFF\xFE") ||
      absl::StartsWith(bytes, "\xFE\xFF")) {
    return absl::InvalidArgumentError(absl::StrCat(
        path,
        ": line 1: the file is UTF-16; save it as UTF-8, for example "
        "with `iconv -f UTF-16 -t UTF-8`"));
  }
  if (absl::StartsWith(bytes, "\x1F\x8B")) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": line 1: the file is compressed; unpack it with `gunzip`"));
  }
  int line = 1;
  for (size_t at = 0; at < bytes.size();) {
    const size_t length = Utf8Length(bytes.substr(at, 4));
    if (length == 0 || bytes[at] == '\0') {
      return absl::InvalidArgumentError(absl::StrFormat(
          "%s: line %d: byte 0x%02X is not UTF-8 text; save the file as UTF-8, "
          "for example with `iconv -f WINDOWS-1252 -t UTF-8`",
          path, line, static_cast<unsigned char>(bytes[at])));
    }
    if (bytes[at] == '\n') ++line;
    at += length;
  }
  return absl::OkStatus();
}

}  // namespace recur
