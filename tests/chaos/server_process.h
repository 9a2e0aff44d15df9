// recur-server as a child process that is killed and started again.
#ifndef RECUR_TESTS_CHAOS_SERVER_PROCESS_H_
#define RECUR_TESTS_CHAOS_SERVER_PROCESS_H_

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace recur::chaos {

// A port of the loopback that is free now, and that the kernel gives to no
// outgoing connection while the server that owns it is down.
int FreePort();

// It has the same two ports in all its lives, and is no longer alive than the
// thread that started it. Not thread safe.
class ServerProcess {
 public:
  struct Options {
    std::string binary;            // recur-server
    std::filesystem::path models;  // the repository
    std::string store = "memory";  // --store
    std::filesystem::path log;     // of all its lives
  };

  explicit ServerProcess(Options options);
  ~ServerProcess() { Kill(); }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // Returns once it serves. INTERNAL with the end of its log if it ends
  // instead, DEADLINE_EXCEEDED after half a minute.
  absl::Status Start();

  // SIGKILL; returns when it is gone.
  void Kill();
  void Signal(int number) const;

  int port() const { return port_; }

  // recur_store_rows_total with this outcome, of this life. What keeps it from
  // being read.
  absl::StatusOr<double> StoreRows(const std::string& outcome) const;

 private:
  std::string LogOfThisLife() const;

  const Options options_;
  const int port_;
  const int http_port_;
  pid_t pid_ = 0;
  std::uintmax_t log_begin_ = 0;
};

}  // namespace recur::chaos

#endif  // RECUR_TESTS_CHAOS_SERVER_PROCESS_H_
