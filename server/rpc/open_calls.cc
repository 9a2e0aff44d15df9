#include "server/rpc/open_calls.h"

namespace recur {

void OpenCalls::Add() {
  std::lock_guard lock(mutex_);
  ++open_;
}

void OpenCalls::Remove() {
  // Told with the lock held: who waits may be about to destroy this.
  std::lock_guard lock(mutex_);
  if (--open_ == 0) none_.notify_all();
}

bool OpenCalls::WaitForNone(std::chrono::system_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return none_.wait_until(lock, deadline, [this] { return open_ == 0; });
}

}  // namespace recur
