// The real binary: it starts, says where it listens, and stops on a signal.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include "tests/unit/server/app/app_fixture.h"
#include "tests/unit/server/rpc/wire_error.h"

namespace recur {
namespace {

using ::testing::HasSubstr;

constexpr auto kPatience = std::chrono::seconds(60);

// recur-server as a child process whose log is read through a pipe.
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

class RecurServerTest : public AppTest {
 protected:
  std::vector<std::string> Flags() const {
    return {"--models", root_.path().string(), "--listen", "127.0.0.1:0",
            "--http",   "127.0.0.1:0",         "--lanes",  "2"};
  }

  // Connects to the port that the log tells.
  void ConnectTo(ServerProcess* server) {
    ASSERT_TRUE(server->WaitForLog("sessions in memory")) << server->log;
    std::smatch match;
    ASSERT_TRUE(std::regex_search(
        server->log, match, std::regex("gRPC on [^ ]+ \\(port (\\d+)\\)")))
        << server->log;
    Connect(std::stoi(match[1]));
  }
};

TEST_F(RecurServerTest, StopsOnSigtermWithExitCodeZero) {
  ServerProcess server(Flags());
  ASSERT_NO_FATAL_FAILURE(ConnectTo(&server));
  EXPECT_THAT(server.log, HasSubstr("model sum version 1 ready"));
  ASSERT_TRUE(Open("sum", "a").ok());
  grpc::ClientContext context;
  SetDeadline(&context);
  auto stream = recur_->Stream(&context);
  v1::StreamRequest request;
  request.add_attach()->set_session_id("a");
  request.mutable_items()->add_handle(0);
  request.mutable_items()->add_values(3);
  request.mutable_items()->add_want(v1::WANT_FORECAST);
  ASSERT_TRUE(stream->Write(request));
  std::string go_away;
  double sum = 0;
  v1::StreamResponse response;
  while (stream->Read(&response)) {
    if (response.replies().answers_size() == 1) {
      sum = response.replies().answers(0).forecast().point(0);
      server.Signal(SIGTERM);
    }
    if (response.has_go_away()) go_away = response.go_away().reason();
  }
  EXPECT_EQ(sum, 3);
  EXPECT_THAT(go_away, HasSubstr("about to leave"));
  EXPECT_THAT(stream->Finish(), IsError(grpc::StatusCode::UNAVAILABLE,
                                        "draining", "about to leave"));
  EXPECT_EQ(server.ExitCode(), 0) << server.log;
  EXPECT_THAT(server.log, HasSubstr("stopped"));
}

TEST_F(RecurServerTest, SaysWhyItCannotStart) {
  std::vector<std::string> flags = Flags();
  flags[1] = "/nowhere/at/all";
  ServerProcess server(flags);
  EXPECT_EQ(server.ExitCode(), 1);
  EXPECT_THAT(server.log, HasSubstr("cannot start: "));
  EXPECT_THAT(server.log, HasSubstr("/nowhere/at/all"));
}

TEST_F(RecurServerTest, LogsJsonWhenToldTo) {
  std::vector<std::string> flags = Flags();
  flags.insert(flags.end(), {"--log-format", "json"});
  ServerProcess server(flags);
  ASSERT_NO_FATAL_FAILURE(ConnectTo(&server));
  server.Signal(SIGINT);
  EXPECT_EQ(server.ExitCode(), 0) << server.log;
  EXPECT_EQ(server.log.front(), '{');
}

}  // namespace
}  // namespace recur
