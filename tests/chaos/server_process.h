// recur-server as a child process that is killed and started again.
#ifndef RECUR_TESTS_CHAOS_SERVER_PROCESS_H_
#define RECUR_TESTS_CHAOS_SERVER_PROCESS_H_

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tests/chaos/logged_process.h"

namespace recur::chaos {

// It has the same two ports in all its lives. Not thread safe.
class ServerProcess {
 public:
  struct Options {
    std::string binary;            // recur-server
    std::filesystem::path models;  // the repository
    std::string store = "memory";  // --store
    std::filesystem::path log;     // of all its lives
  };

  explicit ServerProcess(Options options);

  // Returns once it serves. INTERNAL with the end of its log if it ends
  // instead, DEADLINE_EXCEEDED after half a minute.
  absl::Status Start();

  // SIGKILL; returns when it is gone.
  void Kill() { process_.Kill(); }
  // SIGTERM; returns when it is gone. An error if that takes half a minute or
  // its exit code is not 0.
  absl::Status Drain();
  void Signal(int number) const { process_.Signal(number); }

  int port() const { return port_; }
  int http_port() const { return http_port_; }

  // recur_store_rows_total with this outcome, of this life. What keeps it from
  // being read.
  absl::StatusOr<double> StoreRows(absl::string_view outcome) const;
  // The steps that it has applied in this life; likewise.
  absl::StatusOr<double> AppliedSteps() const;

 private:
  absl::StatusOr<double> Count(absl::string_view metric,
                               absl::string_view outcome) const;

  const Options options_;
  const int port_;
  const int http_port_;
  LoggedProcess process_;
};

}  // namespace recur::chaos

#endif  // RECUR_TESTS_CHAOS_SERVER_PROCESS_H_
