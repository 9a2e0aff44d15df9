#include "model/train/output_file.h"

#include <fstream>

#include "absl/strings/str_cat.h"

namespace recur {
namespace {

std::string Fault(absl::string_view option, const std::string& path) {
  return absl::StrCat(option, " is ", path, ": it cannot be written");
}

}  // namespace

absl::Status CheckOutputFile(absl::string_view option,
                             const std::string& path) {
  if (path.empty() || std::ofstream(path, std::ios::app).good()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(Fault(option, path));
}

absl::Status WriteOutputFile(absl::string_view option, const std::string& path,
                             const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  file.close();
  return file.good() ? absl::OkStatus()
                     : absl::InternalError(Fault(option, path));
}

}  // namespace recur
