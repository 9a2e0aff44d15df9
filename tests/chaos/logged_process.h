// A program as a child process that writes what it has to say to a file, and
// is no longer alive than the thread that started it. Not thread safe.
#ifndef RECUR_TESTS_CHAOS_LOGGED_PROCESS_H_
#define RECUR_TESTS_CHAOS_LOGGED_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace recur::chaos {

// A port of the loopback that is free now, and that the kernel gives to no
// outgoing connection while the server that owns it is down.
int FreePort();

std::string Loopback(int port);  // 127.0.0.1:port

class LoggedProcess {
 public:
  // The log is of all its lives.
  explicit LoggedProcess(std::filesystem::path log) : log_(std::move(log)) {}
  ~LoggedProcess() { Kill(); }
  LoggedProcess(const LoggedProcess&) = delete;
  LoggedProcess& operator=(const LoggedProcess&) = delete;

  // A new life: `arguments` begin with the path of the binary.
  absl::Status Start(const std::vector<std::string>& arguments);

  // Whether it has ended by itself.
  bool Ended();
  // Waits for that. INTERNAL with its log if its exit code is not 0,
  // DEADLINE_EXCEEDED with its log if it goes on.
  absl::Status AwaitExit(std::chrono::seconds patience);

  // SIGKILL; returns when it is gone.
  void Kill();
  void Signal(int number) const;

  std::string LogOfThisLife() const;

 private:
  const std::filesystem::path log_;
  pid_t pid_ = 0;
  int end_ = 0;  // as waitpid tells it
  std::uintmax_t log_begin_ = 0;
};

}  // namespace recur::chaos

#endif  // RECUR_TESTS_CHAOS_LOGGED_PROCESS_H_
