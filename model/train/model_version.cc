#include "model/train/model_version.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace recur {

absl::StatusOr<std::filesystem::path> NextVersion(
    const std::filesystem::path& model) {
  std::error_code error;
  if (model.empty()) {
    return absl::InvalidArgumentError(
        "--out is empty; it must be REPOSITORY/NAME");
  }
  int64_t highest = 0;
  if (std::filesystem::exists(model, error)) {
    std::filesystem::directory_iterator entries(model, error);
    if (error) {
      return absl::InvalidArgumentError(
          absl::StrCat("--out is ", model.string(), ": ", error.message(),
                       "; it must be a directory for a model's versions"));
    }
    for (const auto& entry : entries) {
      int64_t version = 0;
      if (absl::SimpleAtoi(entry.path().filename().string(), &version)) {
        highest = std::max(highest, version);
      }
    }
  }
  return model / std::to_string(highest + 1);
}

}  // namespace recur
