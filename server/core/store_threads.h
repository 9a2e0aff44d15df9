// The threads that drive a StoreDriver, and the clock: one commits, a few load.
// Their names, store-commit and store-load, tell them apart from outside.
#ifndef RECUR_SERVER_CORE_STORE_THREADS_H_
#define RECUR_SERVER_CORE_STORE_THREADS_H_

#include <atomic>
#include <thread>
#include <vector>

#include "server/core/store_driver.h"

namespace recur {

class StoreThreads {
 public:
  // The driver and the lanes must outlive it.
  StoreThreads(StoreDriver* driver, LaneHost* lanes, int load_threads = 4);
  ~StoreThreads() { Stop(); }

  // Commits all that has happened in the lanes until now, whatever happens
  // meanwhile; false if that was not done by the deadline. Blocks; not from a
  // lane's task or a completion.
  bool Flush(TimePoint deadline);

  // Ends the threads once their calls of the store have returned. Idempotent.
  // What was not committed is not.
  void Stop();

 private:
  StoreDriver* const driver_;
  LaneHost* const lanes_;
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> threads_;
};

}  // namespace recur

#endif  // RECUR_SERVER_CORE_STORE_THREADS_H_
