// recur-server as a child process.
#ifndef RECUR_TESTS_UNIT_SERVER_APP_SERVER_PROCESS_H_
#define RECUR_TESTS_UNIT_SERVER_APP_SERVER_PROCESS_H_

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <regex>
#include <string>
#include <vector>

namespace recur {

inline constexpr auto kPatience = std::chrono::seconds(60);

// Its log is read through a pipe.
class ServerProcess {
 public:
  explicit ServerProcess(std::vector<std::string> flags) {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    const std::string binary = std::string(RECUR_BINARY_DIR) + "/recur-server";
    std::vector<char*> argv = {const_cast<char*>(binary.c_str())};
    for (std::string& flag : flags) argv.push_back(flag.data());
    argv.push_back(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[1], STDERR_FILENO);
      execv(binary.c_str(), argv.data());
      _exit(127);
    }
    close(ends[1]);
    log_fd_ = ends[0];
  }

  ~ServerProcess() {
    if (!reaped_) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    close(log_fd_);
  }

  // Reads the log until it has this; false at its end or when time is up.
  bool WaitForLog(const std::string& words) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (log.find(words) == std::string::npos) {
      pollfd ready = {.fd = log_fd_, .events = POLLIN};
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          end - std::chrono::steady_clock::now());
      if (left.count() <= 0 ||
          poll(&ready, 1, static_cast<int>(left.count())) <= 0) {
        return false;
      }
      char buffer[4096];
      const ssize_t got = read(log_fd_, buffer, sizeof(buffer));
      if (got <= 0) return false;
      log.append(buffer, got);
    }
    return true;
  }

  // The gRPC port that the log tells, once it serves; 0: it does not.
  int WaitForPort() {
    if (!WaitForLog("lanes, sessions ")) return 0;
    std::smatch match;
    const std::regex port("gRPC on [^ ]+ \\(port (\\d+)\\)");
    return std::regex_search(log, match, port) ? std::stoi(match[1]) : 0;
  }

  void Signal(int signal) { kill(pid_, signal); }

  // Reads the log to its end, which comes with the process's. -1: killed.
  int ExitCode() {
    WaitForLog("no line has this: \x01");
    int status = 0;
    waitpid(pid_, &status, 0);
    reaped_ = true;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  std::string log;

 private:
  pid_t pid_ = -1;
  int log_fd_ = -1;
  bool reaped_ = false;
};

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_SERVER_APP_SERVER_PROCESS_H_
