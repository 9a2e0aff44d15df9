// An open directory whose files are read and written as a whole. Names are
// looked up in it and nowhere else: symbolic links are refused, not followed.
#ifndef RECUR_MODEL_FORMAT_DIRECTORY_H_
#define RECUR_MODEL_FORMAT_DIRECTORY_H_

#include <cstdint>
#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace recur {

// Owns a file descriptor; movable. One thread at a time.
class Directory {
 public:
  // NOT_FOUND, or FAILED_PRECONDITION if it is no directory, and so on.
  static absl::StatusOr<Directory> Open(const std::filesystem::path& path);

  Directory(Directory&& other) noexcept;
  Directory& operator=(Directory&& other) noexcept;
  ~Directory();

  // The file's bytes. NOT_FOUND; INVALID_ARGUMENT if it is a symbolic link, no
  // regular file, or longer than max_bytes (checked before reading); DATA_LOSS
  // if its length changes meanwhile. The message begins with its path.
  absl::StatusOr<std::string> ReadFile(const std::string& name,
                                       int64_t max_bytes) const;

  // Makes a new file, writes it and waits until it is on disk.
  absl::Status WriteFile(const std::string& name,
                         absl::string_view bytes) const;

  // Waits until the names in the directory are on disk.
  absl::Status Sync() const;

 private:
  Directory(int fd, std::string path);

  std::string PathOf(const std::string& name) const;

  int fd_;
  std::string path_;  // for messages
};

}  // namespace recur

#endif  // RECUR_MODEL_FORMAT_DIRECTORY_H_
