#include "server/repository/model_disk.h"

#include <sys/stat.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace recur {
namespace {

namespace fs = std::filesystem;

absl::Status ListError(const fs::path& path, const std::error_code& error) {
  const std::string message =
      absl::StrCat("cannot list ", path.string(), ": ", error.message());
  return error == std::errc::no_such_file_or_directory
             ? absl::NotFoundError(message)
             : absl::UnavailableError(message);
}

// Calls visit(entry) for each entry.
template <typename Visit>
absl::Status ForEachEntry(const fs::path& directory, Visit visit) {
  std::error_code error;
  fs::directory_iterator entries(directory, error);
  while (!error && entries != fs::directory_iterator()) {
    visit(*entries);
    entries.increment(error);
  }
  return error ? ListError(directory, error) : absl::OkStatus();
}

bool IsDirectory(const fs::directory_entry& entry) {
  std::error_code error;
  return entry.is_directory(error);  // follows a symbolic link
}

int64_t Nanoseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

bool IsModelName(absl::string_view name) {
  return !name.empty() && name.size() <= 128 && name[0] != '.' &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '_' || c == '.' || c == '-';
         });
}

std::optional<int64_t> ParseVersion(absl::string_view name) {
  int64_t version = 0;
  if (!absl::SimpleAtoi(name, &version) || version <= 0) return std::nullopt;
  // SimpleAtoi also takes "+1", " 1" and "01", which would name it twice.
  if (absl::StrCat(version) != name) return std::nullopt;
  return version;
}

absl::StatusOr<std::set<int64_t>> ScanVersions(const fs::path& directory) {
  std::set<int64_t> versions;
  const absl::Status status =
      ForEachEntry(directory, [&](const fs::directory_entry& entry) {
        const auto version = ParseVersion(entry.path().filename().string());
        if (version.has_value() && IsDirectory(entry)) {
          versions.insert(*version);
        }
      });
  if (!status.ok()) return status;
  return versions;
}

absl::StatusOr<ModelsOnDisk> ScanModels(const fs::path& root) {
  ModelsOnDisk models;
  const absl::Status status =
      ForEachEntry(root, [&](const fs::directory_entry& entry) {
        const std::string name = entry.path().filename().string();
        if (!IsModelName(name) || !IsDirectory(entry)) return;
        auto versions = ScanVersions(entry.path());
        models[name] =
            versions.ok() ? std::optional(*std::move(versions)) : std::nullopt;
      });
  if (!status.ok()) return status;
  return models;
}

DirectoryStamp StampOf(const fs::path& directory) {
  DirectoryStamp stamp;
  ForEachEntry(directory, [&](const fs::directory_entry& entry) {
    struct stat file = {};
    if (::lstat(entry.path().c_str(), &file) != 0) return;
    stamp.push_back({.name = entry.path().filename().string(),
                     .inode = file.st_ino,
                     .size_bytes = file.st_size,
                     .modified_ns = Nanoseconds(file.st_mtim),
                     .changed_ns = Nanoseconds(file.st_ctim)});
  }).IgnoreError();
  std::sort(
      stamp.begin(), stamp.end(),
      [](const FileStamp& a, const FileStamp& b) { return a.name < b.name; });
  return stamp;
}

}  // namespace recur
