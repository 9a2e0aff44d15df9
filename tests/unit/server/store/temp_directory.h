// A directory that is gone with its object.
#ifndef RECUR_TESTS_UNIT_SERVER_STORE_TEMP_DIRECTORY_H_
#define RECUR_TESTS_UNIT_SERVER_STORE_TEMP_DIRECTORY_H_

#include <stdlib.h>

#include <filesystem>
#include <string>

namespace recur {

class TempDirectory {
 public:
  TempDirectory() {
    std::string name =
        (std::filesystem::temp_directory_path() / "recur-store-XXXXXX")
            .string();
    path_ = mkdtemp(name.data());
  }
  ~TempDirectory() { std::filesystem::remove_all(path_); }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_SERVER_STORE_TEMP_DIRECTORY_H_
