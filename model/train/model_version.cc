#include "model/train/model_version.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace recur {
namespace {

constexpr size_t kLongestName = 128;

bool IsNameByte(unsigned char byte) {
  return absl::ascii_isalnum(byte) || byte == '_' || byte == '.' || byte == '-';
}

// What the server takes for the name of a model.
bool IsServable(const std::string& name) {
  return !name.empty() && name.size() <= kLongestName && name[0] != '.' &&
         std::all_of(name.begin(), name.end(), IsNameByte);
}

// 0 if there is none, or no such directory.
int64_t HighestVersion(const std::filesystem::path& model,
                       std::error_code* error) {
  int64_t highest = 0;
  if (!std::filesystem::exists(model, *error)) return highest;
  std::filesystem::directory_iterator entries(model, *error);
  if (*error) return highest;
  for (const auto& entry : entries) {
    int64_t version = 0;
    if (absl::SimpleAtoi(entry.path().filename().string(), &version)) {
      highest = std::max(highest, version);
    }
  }
  return highest;
}

}  // namespace

absl::Status CheckModelPath(const std::filesystem::path& model) {
  const auto next = NextVersion(model);
  if (!next.ok()) return next.status();
  const std::filesystem::path directory =
      std::filesystem::absolute(*next).lexically_normal().parent_path();
  const std::string name = directory.filename().string();
  if (!IsServable(name)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--out names the model \"", name,
        "\"; a server takes 1 to 128 characters of A-Z, a-z, 0-9, _, . and -, "
        "the first not a dot"));
  }
  std::filesystem::path existing = directory;
  std::error_code error;
  while (!std::filesystem::exists(existing, error) &&
         existing.has_relative_path()) {
    existing = existing.parent_path();
  }
  if (!std::filesystem::is_directory(existing, error)) {
    return absl::InvalidArgumentError(absl::StrCat("--out is ", model.string(),
                                                   ": ", existing.string(),
                                                   " is not a directory"));
  }
  if (access(existing.c_str(), W_OK | X_OK) != 0) {
    return absl::PermissionDeniedError(
        absl::StrCat("--out is ", model.string(), ": ", existing.string(),
                     " cannot be written: ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::filesystem::path> NextVersion(
    const std::filesystem::path& model) {
  if (model.empty()) {
    return absl::InvalidArgumentError(
        "--out is empty; it must be REPOSITORY/NAME");
  }
  std::error_code error;
  const int64_t highest = HighestVersion(model, &error);
  if (error) {
    return absl::InvalidArgumentError(
        absl::StrCat("--out is ", model.string(), ": ", error.message(),
                     "; it must be a directory for a model's versions"));
  }
  return model / std::to_string(highest + 1);
}

absl::Status WriteNextVersion(const std::filesystem::path& path,
                              const Model& model, const ModelFiles& more,
                              std::ostream& messages) {
  if (path.empty()) return absl::OkStatus();
  auto directory = NextVersion(path);
  if (!directory.ok()) return directory.status();
  const absl::Status status = WriteModel(model, *directory, more);
  if (status.ok()) messages << "wrote " << directory->string() << "\n";
  return status;
}

absl::StatusOr<FoundModel> FindModel(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::path directory = path;
  if (!std::filesystem::exists(path / "model.json", error)) {
    const int64_t highest = HighestVersion(path, &error);
    if (error || highest == 0) {
      return absl::NotFoundError(
          absl::StrCat(path.string(),
                       " is neither a model's version (it has no model.json) "
                       "nor a directory of versions 1, 2, ...: give "
                       "REPOSITORY/NAME or REPOSITORY/NAME/VERSION"));
    }
    directory = path / std::to_string(highest);
  }
  auto model = ReadModel(directory);
  if (!model.ok()) return model.status();
  return FoundModel{directory.string(), *std::move(model)};
}

}  // namespace recur
