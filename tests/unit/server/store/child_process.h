// One disabled test of this executable in a process of its own, to be killed.
#ifndef RECUR_TESTS_UNIT_SERVER_STORE_CHILD_PROCESS_H_
#define RECUR_TESTS_UNIT_SERVER_STORE_CHILD_PROCESS_H_

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

namespace recur {

// The child is told where to work by RECUR_TEST_DIR and reports numbers.
class ChildProcess {
 public:
  ChildProcess(const std::string& test, const std::string& dir) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    report_ = ends[0];
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_adddup2(&actions, ends[1], kReportEnd);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null",
                                     O_WRONLY, 0);
    std::string filter = "--gtest_filter=" + test;
    std::string disabled = "--gtest_also_run_disabled_tests";
    std::string name = "/proc/self/exe";
    char* arguments[] = {name.data(), filter.data(), disabled.data(), nullptr};
    std::string where = "RECUR_TEST_DIR=" + dir;
    std::vector<char*> environment;
    for (char** entry = environ; *entry != nullptr; ++entry) {
      environment.push_back(*entry);
    }
    environment.push_back(where.data());
    environment.push_back(nullptr);
    EXPECT_EQ(posix_spawn(&pid_, name.c_str(), &actions, nullptr, arguments,
                          environment.data()),
              0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
  }

  ~ChildProcess() {
    Kill();
    close(report_);
  }

  void Kill() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

  // The next number reported; nullopt when the child is gone and all are read.
  std::optional<uint64_t> Next() {
    uint64_t number = 0;
    if (read(report_, &number, sizeof(number)) != sizeof(number)) {
      return std::nullopt;
    }
    return number;
  }

  // In the child.
  static void Report(uint64_t number) {
    if (write(kReportEnd, &number, sizeof(number)) != sizeof(number)) _exit(1);
  }
  static std::string Dir() { return getenv("RECUR_TEST_DIR"); }

 private:
  static constexpr int kReportEnd = 100;

  pid_t pid_ = 0;
  int report_ = -1;
};

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_SERVER_STORE_CHILD_PROCESS_H_
