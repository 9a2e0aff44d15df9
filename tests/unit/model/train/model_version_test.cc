#include "model/train/model_version.h"

#include <fstream>

#include "gtest/gtest.h"

namespace recur {
namespace {

class ModelVersionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    model_ = std::filesystem::path(::testing::TempDir()) / "model_version";
    std::filesystem::remove_all(model_);
  }
  void TearDown() override { std::filesystem::remove_all(model_); }

  std::filesystem::path model_;
};

TEST_F(ModelVersionTest, BeginsWithOne) {
  EXPECT_EQ(*NextVersion(model_), model_ / "1");
  EXPECT_FALSE(std::filesystem::exists(model_));
}

TEST_F(ModelVersionTest, FollowsTheHighestNumber) {
  for (const char* name : {"2", "10", "notes", ".11.tmp"}) {
    std::filesystem::create_directories(model_ / name);
  }
  EXPECT_EQ(*NextVersion(model_), model_ / "11");
}

TEST_F(ModelVersionTest, RefusesAFile) {
  std::ofstream(model_) << "x";
  EXPECT_EQ(NextVersion(model_).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(NextVersion("").status().message(),
            "--out is empty; it must be REPOSITORY/NAME");
}

TEST_F(ModelVersionTest, RefusesANameThatNoServerTakes) {
  EXPECT_TRUE(CheckModelPath(model_).ok());
  EXPECT_TRUE(CheckModelPath(model_ / "a-b_c.1/").ok());
  EXPECT_EQ(CheckModelPath(model_ / "Bad Name!").message(),
            "--out names the model \"Bad Name!\"; a server takes 1 to 128 "
            "characters of A-Z, a-z, 0-9, _, . and -, the first not a dot");
  EXPECT_FALSE(CheckModelPath(model_ / ".hidden").ok());
  EXPECT_FALSE(CheckModelPath(model_ / std::string(129, 'a')).ok());
  EXPECT_FALSE(std::filesystem::exists(model_));
}

TEST_F(ModelVersionTest, RefusesAPlaceBelowAFile) {
  std::ofstream(model_) << "x";
  EXPECT_EQ(CheckModelPath(model_ / "repository" / "name").message(),
            "--out is " + (model_ / "repository" / "name").string() + ": " +
                model_.string() + " is not a directory");
}

}  // namespace
}  // namespace recur
