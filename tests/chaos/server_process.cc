#include "tests/chaos/server_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/load/http_get.h"

namespace recur::chaos {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{30};
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

std::string Address(int port) { return absl::StrCat("127.0.0.1:", port); }

// Between fork and exec: only what is safe there.
[[noreturn]] void Become(char* const* argv, int log) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
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

ServerProcess::ServerProcess(Options options)
    : options_(std::move(options)), port_(FreePort()), http_port_(FreePort()) {}

absl::Status ServerProcess::Start() {
  std::vector<std::string> arguments = {options_.binary,
                                        "--models",
                                        options_.models.string(),
                                        "--listen",
                                        Address(port_),
                                        "--http",
                                        Address(http_port_),
                                        "--store",
                                        options_.store,
                                        "--model-poll-seconds",
                                        "0"};
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const int log = open(options_.log.c_str(),
                       O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) {
    return absl::InternalError(
        absl::StrCat("cannot write ", options_.log.string()));
  }
  log_begin_ = std::filesystem::file_size(options_.log);
  pid_ = fork();
  if (pid_ == 0) Become(argv.data(), log);
  close(log);
  const Clock::time_point end = Clock::now() + kPatience;
  while (!absl::StrContains(LogOfThisLife(), "serves gRPC on")) {
    if (waitpid(pid_, nullptr, WNOHANG) != 0) {
      pid_ = 0;
      return absl::InternalError(
          absl::StrCat("recur-server does not start: ", LogOfThisLife()));
    }
    if (Clock::now() > end) {
      return absl::DeadlineExceededError(
          absl::StrCat("recur-server does not serve: ", LogOfThisLife()));
    }
    std::this_thread::sleep_for(kGlance);
  }
  return absl::OkStatus();
}

std::string ServerProcess::LogOfThisLife() const {
  std::ifstream file(options_.log, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(log_begin_));
  return {std::istreambuf_iterator<char>(file), {}};
}

void ServerProcess::Kill() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void ServerProcess::Signal(int number) const {
  if (pid_ > 0) kill(pid_, number);
}

absl::StatusOr<double> ServerProcess::StoreRows(
    const std::string& outcome) const {
  const auto text =
      load::HttpGet(absl::StrCat("http://", Address(http_port_), "/metrics"),
                    std::chrono::seconds(5));
  if (!text.ok()) return text.status();
  const std::string name =
      absl::StrCat("recur_store_rows_total{outcome=\"", outcome, "\"} ");
  const size_t found = text->find(name);
  double value = 0;
  if (found == text->npos ||
      !absl::SimpleAtod(absl::string_view(*text).substr(
                            found + name.size(),
                            text->find('\n', found) - found - name.size()),
                        &value)) {
    return absl::NotFoundError(absl::StrCat("no metric ", name));
  }
  return value;
}

}  // namespace recur::chaos
