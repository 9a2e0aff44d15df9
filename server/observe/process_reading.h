// What the kernel says about this process (Linux: /proc).
#ifndef RECUR_SERVER_OBSERVE_PROCESS_READING_H_
#define RECUR_SERVER_OBSERVE_PROCESS_READING_H_

#include <filesystem>

#include "absl/status/statusor.h"

namespace recur {

struct ProcessReading {
  double cpu_seconds = 0;         // user and system, of all threads
  double start_time_seconds = 0;  // since the epoch
  double resident_memory_bytes = 0;
  double virtual_memory_bytes = 0;
  double threads = 0;
  double open_fds = 0;
  double max_fds = 0;  // the soft limit; infinite if there is none
};

// UNAVAILABLE naming the file that cannot be read or understood. Takes some
// tens of microseconds, more with many open files.
absl::StatusOr<ProcessReading> ReadProcess(
    const std::filesystem::path& proc = "/proc");

}  // namespace recur

#endif  // RECUR_SERVER_OBSERVE_PROCESS_READING_H_
