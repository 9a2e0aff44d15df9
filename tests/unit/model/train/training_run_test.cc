#include "model/train/training_run.h"

#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace recur {
namespace {

// A search of one minute by a clock on which each trial lasts ten seconds, in a
// checkpoint that outlives its runs.
class TrainingRunTest : public testing::Test {
 protected:
  TrainingRunTest()
      : directory_(
            std::filesystem::path(testing::TempDir()) /
            testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    std::ofstream(directory_ / "data.csv") << "y\n1\n";
  }
  ~TrainingRunTest() override { std::filesystem::remove_all(directory_); }

  // Runs the search until `killed_at` (0: never), and returns what was tried,
  // or nothing if it was killed.
  std::vector<Trial> Search(bool resume, int killed_at) {
    CLI::App app("", "forecast");
    CommandOptions options;
    options.search_minutes = 2.0;  // twelve runs
    (resume ? options.resume : options.checkpoint) = directory_ / "kept";
    auto run = TrainingRun::Begin(options, app, {directory_ / "data.csv"},
                                  [this] { return now_; });
    EXPECT_TRUE(run.ok()) << run.status();
    const int begun = runs_;
    auto trials = (*run)->Search(
        {messages_, messages_}, &options,
        [&](const CommandOptions& own, int /*part*/) -> absl::StatusOr<double> {
          ++runs_;
          now_ += std::chrono::seconds(10);
          if (runs_ - begun == killed_at) return absl::AbortedError("killed");
          return own.hidden;
        });
    EXPECT_EQ(trials.ok(), killed_at == 0) << trials.status();
    chosen_ = options.hidden;
    return trials.ok() ? *std::move(trials) : std::vector<Trial>();
  }

  std::filesystem::path directory_;
  std::chrono::steady_clock::time_point now_{};
  std::ostringstream messages_;
  int runs_ = 0;
  int chosen_ = 0;
};

TEST_F(TrainingRunTest, AResumedSearchGoesOnWithWhatIsLeftOfItsTime) {
  const std::vector<Trial> whole = Search(false, 0);
  const int best = chosen_;
  EXPECT_EQ(runs_, 12);
  runs_ = 0;
  Search(false, 4);
  now_ += std::chrono::hours(1);  // until somebody noticed
  const std::vector<Trial> resumed = Search(true, 0);
  EXPECT_EQ(runs_, 4 + 9);
  ASSERT_EQ(resumed.size(), whole.size());
  for (size_t i = 0; i < whole.size(); ++i) {
    EXPECT_EQ(resumed[i].settings, whole[i].settings);
    EXPECT_EQ(resumed[i].validation, whole[i].validation);
    EXPECT_EQ(resumed[i].seconds, whole[i].seconds);
  }
  EXPECT_EQ(chosen_, best);
}

TEST_F(TrainingRunTest, ASearchThatWasOverTriesNothingMore) {
  const std::vector<Trial> whole = Search(false, 0);
  const int best = chosen_;
  const int runs = runs_;
  const std::vector<Trial> resumed = Search(true, 0);
  EXPECT_EQ(runs_, runs);
  EXPECT_EQ(resumed.size(), whole.size());
  EXPECT_EQ(chosen_, best);
}

}  // namespace
}  // namespace recur
