// Kills a real recur-train with -9 in mid-training and goes on.
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace recur {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

using Arguments = std::vector<std::string>;

constexpr int kPatienceMs = 120'000;

// recur-train in a process of its own; its messages go to a file.
class Process {
 public:
  Process(Arguments arguments, const fs::path& messages) {
    const std::string program = absl::StrCat(RECUR_BINARY_DIR, "/recur-train");
    arguments.insert(arguments.begin(), program);
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    pid_ = fork();
    if (pid_ != 0) return;
    const int file = open(messages.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    dup2(file, STDOUT_FILENO);
    dup2(file, STDERR_FILENO);
    execv(program.c_str(), pointers.data());
    _exit(127);
  }

  void Kill(int signal) const { kill(pid_, signal); }
  int Wait() const {
    int status = 0;
    waitpid(pid_, &status, 0);
    return status;
  }

 private:
  pid_t pid_;
};

// Waits until the checkpoint in a directory has been written `count` times.
class CheckpointWatch {
 public:
  explicit CheckpointWatch(const fs::path& directory)
      : fd_(inotify_init1(IN_NONBLOCK)) {
    fs::create_directories(directory);
    inotify_add_watch(fd_, directory.c_str(), IN_MOVED_TO);
  }
  ~CheckpointWatch() { close(fd_); }

  bool WaitFor(int count) const {
    while (count > 0) {
      pollfd ready = {fd_, POLLIN, 0};
      if (poll(&ready, 1, kPatienceMs) <= 0) return false;
      alignas(inotify_event) char events[4096];
      const ssize_t length = read(fd_, events, sizeof(events));
      for (ssize_t at = 0; at < length; --count) {
        const auto* event = reinterpret_cast<inotify_event*>(events + at);
        at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      }
    }
    return true;
  }

 private:
  int fd_;
};

std::string BytesOf(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class ResumeTest : public testing::Test {
 protected:
  ResumeTest()
      : directory_(
            fs::path(testing::TempDir()) /
            testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(directory_);
    fs::create_directories(directory_);
  }
  ~ResumeTest() override { fs::remove_all(directory_); }

  fs::path At(const std::string& name) const { return directory_ / name; }

  // Checkpoints after every update.
  Arguments Forecast(const std::string& out) const {
    return {"forecast",  "--data",  At("series.csv"),
            "--target",  "value",   "--horizon",
            "3",         "--steps", "60",
            "--hidden",  "8",       "--patience",
            "50",        "--out",   At(out),
            "--threads", "1",       "--checkpoint-every",
            "0"};
  }

  Arguments Classify(const std::string& out) const {
    return {"classify",  "--data",   At("texts.csv"),
            "--text",    "text",     "--label",
            "label",     "--epochs", "8",
            "--hidden",  "8",        "--checkpoint-every",
            "0",         "--out",    At(out),
            "--threads", "1"};
  }

  void WriteSeries() const {
    std::ofstream file(At("series.csv"));
    file << "value\n";
    for (int i = 0; i < 300; ++i) file << (i * 37 % 11) + (i % 7) << "\n";
  }

  void WriteTexts() const {
    std::ofstream file(At("texts.csv"));
    file << "text,label\n";
    for (int i = 0; i < 120; ++i) {
      file << "word" << i % 5 << " word" << i * 7 % 13 << ","
           << (i % 5 < 2 ? "low" : "high") << "\n";
    }
  }

  int Run(const Arguments& arguments) const {
    return Process(arguments, At("messages")).Wait();
  }

  // Kills it after so many checkpoints, and resumes.
  void KillAndResume(Arguments arguments, const std::string& out,
                     int checkpoints) const {
    const fs::path kept = At(absl::StrCat(".", out, ".checkpoint"));
    const CheckpointWatch watch(kept);
    const Process process(arguments, At("messages"));
    ASSERT_TRUE(watch.WaitFor(checkpoints)) << BytesOf(At("messages"));
    process.Kill(SIGKILL);
    ASSERT_TRUE(WIFSIGNALED(process.Wait()))
        << "ended before it was killed: " << BytesOf(At("messages"));
    ASSERT_FALSE(fs::exists(At(out)));
    arguments.push_back("--resume");
    arguments.push_back(kept);
    ASSERT_EQ(Run(arguments), 0) << BytesOf(At("messages"));
    EXPECT_FALSE(fs::exists(kept));
  }

  std::string WeightsOf(const std::string& out) const {
    return BytesOf(At(out) / "1" / "weights.safetensors");
  }

  fs::path directory_;
};

TEST_F(ResumeTest, AForecasterKilledAnywhereHasTheSameWeights) {
  WriteSeries();
  ASSERT_EQ(Run(Forecast("whole")), 0) << BytesOf(At("messages"));
  ASSERT_FALSE(WeightsOf("whole").empty());
  for (int checkpoints : {5, 40, 140}) {
    const std::string out = absl::StrCat("killed", checkpoints);
    KillAndResume(Forecast(out), out, checkpoints);
    EXPECT_EQ(WeightsOf(out), WeightsOf("whole")) << checkpoints;
  }
}

TEST_F(ResumeTest, AClassifierKilledAnywhereHasTheSameWeights) {
  WriteTexts();
  ASSERT_EQ(Run(Classify("whole")), 0) << BytesOf(At("messages"));
  ASSERT_FALSE(WeightsOf("whole").empty());
  for (int checkpoints : {5, 25}) {
    const std::string out = absl::StrCat("killed", checkpoints);
    KillAndResume(Classify(out), out, checkpoints);
    EXPECT_EQ(WeightsOf(out), WeightsOf("whole")) << checkpoints;
  }
}

TEST_F(ResumeTest, CtrlCKeepsTheBestSoFarAndTheCheckpoint) {
  WriteSeries();
  Arguments arguments = Forecast("stopped");
  const fs::path kept = At(".stopped.checkpoint");
  const CheckpointWatch watch(kept);
  const Process process(arguments, At("messages"));
  ASSERT_TRUE(watch.WaitFor(20));
  process.Kill(SIGINT);
  EXPECT_EQ(process.Wait(), 0) << BytesOf(At("messages"));
  EXPECT_FALSE(WeightsOf("stopped").empty());
  EXPECT_THAT(BytesOf(At("messages")), HasSubstr("stopped by a signal"));
  EXPECT_TRUE(fs::exists(kept / "checkpoint"));

  ASSERT_EQ(Run(Forecast("whole")), 0);
  arguments.push_back("--resume");
  arguments.push_back(kept);
  ASSERT_EQ(Run(arguments), 0) << BytesOf(At("messages"));
  EXPECT_EQ(BytesOf(At("stopped") / "2" / "weights.safetensors"),
            WeightsOf("whole"));
}

TEST_F(ResumeTest, OtherOptionsAreRefused) {
  WriteSeries();
  const fs::path kept = At(".killed.checkpoint");
  {
    const CheckpointWatch watch(kept);
    const Process process(Forecast("killed"), At("messages"));
    ASSERT_TRUE(watch.WaitFor(3));
    process.Kill(SIGKILL);
    process.Wait();
  }
  Arguments arguments = Forecast("killed");
  arguments.insert(arguments.end(), {"--seed", "3", "--resume", kept.string()});
  EXPECT_NE(Run(arguments), 0);
  EXPECT_THAT(BytesOf(At("messages")), HasSubstr("it has seed=0, this one "
                                                 "seed=3"));
}

}  // namespace
}  // namespace recur
