// Runs recur-train on files of a test's own.
#ifndef RECUR_TESTS_UNIT_MODEL_TRAIN_TRAIN_TOOL_FIXTURE_H_
#define RECUR_TESTS_UNIT_MODEL_TRAIN_TRAIN_TOOL_FIXTURE_H_

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "model/train/train_tool.h"

namespace recur {

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

class TrainToolFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::path(::testing::TempDir()) /
        absl::StrCat(
            "train_tool_",
            ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& bytes) {
    const std::string path = (folder_ / name).string();
    std::ofstream(path) << bytes;
    return path;
  }

  Outcome Run(std::vector<std::string> arguments) {
    std::vector<const char*> argv = {"recur-train"};
    for (const std::string& argument : arguments) {
      argv.push_back(argument.c_str());
    }
    std::ostringstream out;
    std::ostringstream err;
    const int code = RunTrainTool(static_cast<int>(argv.size()), argv.data(),
                                  {out, err, false});
    return {code, out.str(), err.str()};
  }

  std::filesystem::path folder_;
};

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_MODEL_TRAIN_TRAIN_TOOL_FIXTURE_H_
