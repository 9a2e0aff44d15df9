#include "tests/chaos/logged_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <thread>

#include "absl/strings/str_cat.h"

namespace recur::chaos {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kGlance{2};

// Below the range that Linux takes the ports of outgoing connections from.
constexpr int kFirstPort = 20'000;
constexpr int kPorts = 12'000;

bool CanBind(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {.sin_family = AF_INET,
                         .sin_port = htons(static_cast<uint16_t>(port)),
                         .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
  const bool bound = bind(fd, reinterpret_cast<const sockaddr*>(&address),
                          sizeof(address)) == 0;
  close(fd);
  return bound;
}

// Between fork and exec: only what is safe there.
[[noreturn]] void Become(char* const* argv, int log) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execv(argv[0], argv);
  _exit(127);
}

}  // namespace

int FreePort() {
  static int next = getpid() % kPorts;
  for (;;) {
    next = (next + 1) % kPorts;
    if (CanBind(kFirstPort + next)) return kFirstPort + next;
  }
}

std::string Loopback(int port) { return absl::StrCat("127.0.0.1:", port); }

absl::Status LoggedProcess::Start(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  const int log =
      open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) {
    return absl::InternalError(absl::StrCat("cannot write ", log_.string()));
  }
  log_begin_ = std::filesystem::file_size(log_);
  pid_ = fork();
  if (pid_ == 0) Become(argv.data(), log);
  close(log);
  return absl::OkStatus();
}

bool LoggedProcess::Ended() {
  if (pid_ > 0 && waitpid(pid_, &end_, WNOHANG) != 0) pid_ = 0;
  return pid_ <= 0;
}

absl::Status LoggedProcess::AwaitExit(std::chrono::seconds patience) {
  const Clock::time_point last = Clock::now() + patience;
  while (!Ended()) {
    if (Clock::now() > last) {
      return absl::DeadlineExceededError(
          absl::StrCat("it does not end: ", LogOfThisLife()));
    }
    std::this_thread::sleep_for(kGlance);
  }
  if (WIFEXITED(end_) && WEXITSTATUS(end_) == 0) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("it ended with ", end_, ": ", LogOfThisLife()));
}

void LoggedProcess::Kill() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, &end_, 0);
  pid_ = 0;
}

void LoggedProcess::Signal(int number) const {
  if (pid_ > 0) kill(pid_, number);
}

std::string LoggedProcess::LogOfThisLife() const {
  std::ifstream file(log_, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(log_begin_));
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace recur::chaos
