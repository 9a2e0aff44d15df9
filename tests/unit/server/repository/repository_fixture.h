// A repository on a temporary directory, and what it lists as short texts.
#ifndef RECUR_TESTS_UNIT_SERVER_REPOSITORY_REPOSITORY_FIXTURE_H_
#define RECUR_TESTS_UNIT_SERVER_REPOSITORY_REPOSITORY_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/repository/repository.h"
#include "tests/unit/server/repository/small_model.h"

namespace recur {

// "weather/3 ready latest"
inline std::string Text(const ModelStatus& status) {
  return absl::StrCat(status.name, "/", status.version, " ",
                      ModelStateName(status.state),
                      status.latest ? " latest" : "");
}

class RepositoryTest : public ::testing::Test {
 protected:
  RepositoryTest() {
    options_.root = root_.path();
    options_.max_batch_rows = 3;
    options_.on_change = [this](const ModelStatus& status) {
      changes_.push_back(Text(status));
    };
  }

  Repository* Open() {
    auto made = Repository::Create(options_);
    EXPECT_TRUE(made.ok()) << made.status();
    repository_ = *std::move(made);
    return repository_.get();
  }

  std::filesystem::path PathOf(const std::string& name, int64_t version) const {
    return root_.path() / name / absl::StrCat(version);
  }

  void Write(const std::string& name, int64_t version) {
    ASSERT_TRUE(
        WriteModel(SmallModel(10 * version), PathOf(name, version)).ok());
  }

  std::vector<std::string> List() const {
    std::vector<std::string> list;
    for (const auto& status : repository_->List()) list.push_back(Text(status));
    return list;
  }

  int64_t Served(const std::string& name) const {
    const auto found = repository_->Find(name, std::nullopt);
    return found.ok() ? (*found)->version : 0;
  }

  TemporaryDirectory root_;
  Repository::Options options_;
  std::vector<std::string> changes_;
  std::unique_ptr<Repository> repository_;
};

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_SERVER_REPOSITORY_REPOSITORY_FIXTURE_H_
