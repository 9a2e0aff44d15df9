#include "model/train/learning/training_checkpoint.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace recur {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class TrainingCheckpointTest : public testing::Test {
 protected:
  TrainingCheckpointTest()
      : directory_(
            fs::path(testing::TempDir()) /
            testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(directory_);
  }
  ~TrainingCheckpointTest() override { fs::remove_all(directory_); }

  CheckpointOptions Options(const std::string& hidden = "hidden=48") const {
    CheckpointOptions options;
    options.directory = directory_;
    options.identity = {"data=1234", hidden};
    options.interval = std::chrono::seconds(30);
    options.clock = [this] { return now_; };
    return options;
  }

  std::string Bytes() const {
    std::ifstream file(directory_ / "checkpoint", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  void SetBytes(const std::string& bytes) const {
    std::ofstream(directory_ / "checkpoint", std::ios::binary) << bytes;
  }

  fs::path directory_;
  std::chrono::steady_clock::time_point now_{};
};

TEST_F(TrainingCheckpointTest, GivesBackWhatEveryPhaseSavedLast) {
  auto saved = TrainingCheckpoint::Start(Options());
  ASSERT_TRUE(saved.ok()) << saved.status();
  for (int step : {1, 2, 3}) {
    EXPECT_TRUE(saved->Save("search", [&](StateArchive& a) { a(step); }).ok());
  }
  std::string text = "refitting";
  EXPECT_TRUE(saved->Save("refit", [&](StateArchive& a) { a(text); }).ok());

  auto resumed = TrainingCheckpoint::Resume(Options());
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  int step = 0;
  text.clear();
  EXPECT_TRUE(*resumed->Restore("search", [&](StateArchive& a) { a(step); }));
  EXPECT_TRUE(*resumed->Restore("refit", [&](StateArchive& a) { a(text); }));
  EXPECT_FALSE(*resumed->Restore("other", [&](StateArchive& a) { a(text); }));
  EXPECT_EQ(step, 3);
  EXPECT_EQ(text, "refitting");
}

TEST_F(TrainingCheckpointTest, SavesOnceInAnInterval) {
  auto checkpoint = TrainingCheckpoint::Start(Options());
  int calls = 0;
  const auto carry = [&](StateArchive&) { ++calls; };
  for (int second = 0; second < 100; ++second) {
    now_ += std::chrono::seconds(1);
    EXPECT_TRUE(checkpoint->SaveIfDue("search", carry).ok());
  }
  EXPECT_EQ(calls, 3);
}

TEST_F(TrainingCheckpointTest, AnotherTrainingIsRefusedByWhatDiffers) {
  auto checkpoint = TrainingCheckpoint::Start(Options());
  ASSERT_TRUE(checkpoint->Save("search", [](StateArchive&) {}).ok());
  const auto resumed = TrainingCheckpoint::Resume(Options("hidden=32"));
  EXPECT_EQ(resumed.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(resumed.status().message()),
              HasSubstr("it has hidden=48, this one hidden=32"));
}

TEST_F(TrainingCheckpointTest, EveryDamageIsSeen) {
  auto checkpoint = TrainingCheckpoint::Start(Options());
  std::string text = "some state";
  ASSERT_TRUE(
      checkpoint->Save("search", [&](StateArchive& a) { a(text); }).ok());
  const std::string bytes = Bytes();
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    SetBytes(changed);
    EXPECT_FALSE(TrainingCheckpoint::Resume(Options()).ok()) << i;
    SetBytes(bytes.substr(0, i));
    EXPECT_FALSE(TrainingCheckpoint::Resume(Options()).ok()) << i;
  }
  SetBytes(bytes);
  EXPECT_TRUE(TrainingCheckpoint::Resume(Options()).ok());
}

TEST_F(TrainingCheckpointTest, AStateOfAnotherKindIsRefused) {
  auto checkpoint = TrainingCheckpoint::Start(Options());
  int number = 7;
  ASSERT_TRUE(
      checkpoint->Save("search", [&](StateArchive& a) { a(number); }).ok());
  std::string text;
  const auto restored =
      checkpoint->Restore("search", [&](StateArchive& a) { a(text); });
  EXPECT_EQ(restored.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(restored.status().message()),
              HasSubstr("the state of \"search\" ends where"));
}

TEST_F(TrainingCheckpointTest, AWriteThatWasKilledLeavesTheOneBefore) {
  auto checkpoint = TrainingCheckpoint::Start(Options());
  int number = 7;
  const auto carry = [&](StateArchive& a) { a(number); };
  ASSERT_TRUE(checkpoint->Save("search", carry).ok());
  std::ofstream(directory_ / "checkpoint.new") << "half of";
  EXPECT_TRUE(TrainingCheckpoint::Resume(Options()).ok());
  EXPECT_TRUE(checkpoint->Save("search", carry).ok());
  EXPECT_FALSE(fs::exists(directory_ / "checkpoint.new"));
}

TEST_F(TrainingCheckpointTest, RemovesItselfAndNothingElse) {
  auto checkpoint = TrainingCheckpoint::Start(Options());
  ASSERT_TRUE(checkpoint->Save("search", [](StateArchive&) {}).ok());
  std::ofstream(directory_ / "note") << "mine";
  EXPECT_TRUE(checkpoint->Remove().ok());
  EXPECT_TRUE(fs::exists(directory_ / "note"));
  fs::remove(directory_ / "note");
  EXPECT_TRUE(checkpoint->Remove().ok());
  EXPECT_FALSE(fs::exists(directory_));
}

TEST_F(TrainingCheckpointTest, ThereMustBeOneToResume) {
  EXPECT_EQ(TrainingCheckpoint::Resume(Options()).status().code(),
            absl::StatusCode::kNotFound);
}

TEST(NoCheckpointTest, DoesNothing) {
  TrainingCheckpoint none;
  EXPECT_TRUE(none.Save("search", [](StateArchive&) { FAIL(); }).ok());
  EXPECT_TRUE(none.SaveIfDue("search", [](StateArchive&) { FAIL(); }).ok());
  EXPECT_FALSE(*none.Restore("search", [](StateArchive&) { FAIL(); }));
  EXPECT_TRUE(none.Remove().ok());
}

}  // namespace
}  // namespace recur
