#include "model/format/directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace recur {
namespace {

// Closes a file on every way out.
class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

// Fills at most bytes->size() and cuts *bytes to what there was.
absl::Status ReadUpTo(int fd, const std::string& path, std::string* bytes) {
  size_t filled = 0;
  while (filled < bytes->size()) {
    const ssize_t n = read(fd, &(*bytes)[filled], bytes->size() - filled);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return absl::ErrnoToStatus(errno, absl::StrCat(path, ": read"));
    if (n == 0) break;
    filled += static_cast<size_t>(n);
  }
  bytes->resize(filled);
  return absl::OkStatus();
}

absl::Status WriteAll(int fd, const std::string& path,
                      absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return absl::ErrnoToStatus(errno, absl::StrCat(path, ": write"));
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  if (fsync(fd) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, absl::StrCat(path, ": fsync"));
}

absl::Status OpenError(int error, const std::string& path) {
  if (error == ELOOP) {
    return absl::InvalidArgumentError(absl::StrCat(
        path,
        ": is a symbolic link; a model's files must be in its directory"));
  }
  return absl::ErrnoToStatus(error, absl::StrCat(path, ": cannot be opened"));
}

}  // namespace

absl::StatusOr<Directory> Directory::Open(const std::filesystem::path& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return OpenError(errno, path.string());
  return Directory(fd, path.string());
}

Directory::Directory(int fd, std::string path)
    : fd_(fd), path_(std::move(path)) {}

Directory::Directory(Directory&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

Directory& Directory::operator=(Directory&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(path_, other.path_);
  return *this;
}

Directory::~Directory() {
  if (fd_ >= 0) close(fd_);
}

absl::StatusOr<std::string> Directory::ReadFile(const std::string& name,
                                                int64_t max_bytes) const {
  const std::string path = PathOf(name);
  // Without O_NONBLOCK opening a FIFO would wait for a writer.
  const File file(openat(fd_, name.c_str(),
                         O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (file.fd() < 0) return OpenError(errno, path);
  struct stat info;
  if (fstat(file.fd(), &info) != 0) return OpenError(errno, path);
  if (!S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is not a regular file"));
  }
  if (info.st_size > max_bytes) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: has %d bytes; the limit is %d", path, info.st_size, max_bytes));
  }
  std::string bytes(static_cast<size_t>(info.st_size) + 1, '\0');
  if (absl::Status s = ReadUpTo(file.fd(), path, &bytes); !s.ok()) return s;
  if (bytes.size() != static_cast<size_t>(info.st_size)) {
    return absl::DataLossError(
        absl::StrCat(path, ": changed while it was read"));
  }
  return bytes;
}

absl::Status Directory::WriteFile(const std::string& name,
                                  absl::string_view bytes) const {
  const std::string path = PathOf(name);
  const File file(openat(fd_, name.c_str(),
                         O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                         0666));
  if (file.fd() < 0) return OpenError(errno, path);
  return WriteAll(file.fd(), path, bytes);
}

absl::Status Directory::Sync() const {
  if (fsync(fd_) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, absl::StrCat(path_, ": fsync"));
}

std::string Directory::PathOf(const std::string& name) const {
  return absl::StrCat(path_, "/", name);
}

}  // namespace recur
