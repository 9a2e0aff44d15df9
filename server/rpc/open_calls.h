// Counts the calls that are in progress, so that a server which is to leave
// knows when they are over. Thread-safe.
#ifndef RECUR_SERVER_RPC_OPEN_CALLS_H_
#define RECUR_SERVER_RPC_OPEN_CALLS_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace recur {

class OpenCalls {
 public:
  void Add();
  void Remove();

  // Waits until no call is open; false if some are when the deadline comes.
  bool WaitForNone(std::chrono::system_clock::time_point deadline);

 private:
  std::mutex mutex_;
  std::condition_variable none_;
  size_t open_ = 0;
};

}  // namespace recur

#endif  // RECUR_SERVER_RPC_OPEN_CALLS_H_
