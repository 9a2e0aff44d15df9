#include "tests/bench/pinned_thread.h"

#include <pthread.h>
#include <sched.h>

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <utility>

namespace recur {

PinnedThread::PinnedThread(int cpu) : thread_([this] { Loop(); }) {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(cpu, &cpus);
  const int error =
      pthread_setaffinity_np(thread_.native_handle(), sizeof(cpus), &cpus);
  if (error != 0) {
    std::cerr << "cannot use core " << cpu << ": " << std::strerror(error)
              << "\n";
    std::_Exit(1);
  }
}

PinnedThread::~PinnedThread() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void PinnedThread::Start(std::function<void()> work) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    work_ = std::move(work);
    busy_ = true;
  }
  changed_.notify_all();
}

void PinnedThread::Wait() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return !busy_; });
}

void PinnedThread::Loop() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return busy_ || stopping_; });
    if (!busy_) return;
    lock.unlock();
    work_();
    lock.lock();
    busy_ = false;
    changed_.notify_all();
  }
}

}  // namespace recur
