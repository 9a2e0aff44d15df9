// What lies in a repository's directories, by name: no file is opened.
#ifndef RECUR_SERVER_REPOSITORY_MODEL_DISK_H_
#define RECUR_SERVER_REPOSITORY_MODEL_DISK_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace recur {

// 1 to 128 characters [A-Za-z0-9_.-], the first not a dot.
bool IsModelName(absl::string_view name);

// A positive integer in decimal digits without leading zeros.
std::optional<int64_t> ParseVersion(absl::string_view name);

// The versions on disk of every model; a model may have none. Symbolic links
// to directories count as directories, entries with other names are passed
// over. If a model's directory cannot be read the model has no value. The
// error is the file system's for the root.
using ModelsOnDisk = std::map<std::string, std::optional<std::set<int64_t>>>;
absl::StatusOr<ModelsOnDisk> ScanModels(const std::filesystem::path& root);

// Of one model's directory.
absl::StatusOr<std::set<int64_t>> ScanVersions(
    const std::filesystem::path& directory);

// Tells whether a directory's files have changed: their names, sizes, and
// times of change.
struct FileStamp {
  std::string name;
  uint64_t inode = 0;
  int64_t size_bytes = 0;
  int64_t modified_ns = 0;
  int64_t changed_ns = 0;  // also by chmod

  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
using DirectoryStamp = std::vector<FileStamp>;

// By name; empty if the directory cannot be read.
DirectoryStamp StampOf(const std::filesystem::path& directory);

}  // namespace recur

#endif  // RECUR_SERVER_REPOSITORY_MODEL_DISK_H_
