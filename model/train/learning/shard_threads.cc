#include "model/train/learning/shard_threads.h"

#include <sched.h>

#include <algorithm>
#include <chrono>

#include "model/network/onednn/onednn_engine.h"

namespace recur {
namespace {

constexpr std::chrono::microseconds kAwake(200);

// Gives way to whoever else wants the core.
template <typename Condition>
void WaitAwake(const Condition& condition) {
  const auto end = std::chrono::steady_clock::now() + kAwake;
  while (!condition() && std::chrono::steady_clock::now() < end) {
    std::this_thread::yield();
  }
}

}  // namespace

ShardThreads::ShardThreads(int threads) {
  for (int i = 1; i < threads; ++i) {
    threads_.emplace_back([this] { Loop(); });
  }
}

ShardThreads::~ShardThreads() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  started_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void ShardThreads::Run(int count, const std::function<void(int)>& work) {
  std::unique_lock lock(mutex_);
  work_ = &work;
  count_ = count;
  finished_ = 0;
  open_ = count;
  if (count > 1) started_.notify_all();
  TakeShards(&lock);
  const auto done = [this] { return finished_ == count_; };
  lock.unlock();
  WaitAwake(done);
  lock.lock();
  done_.wait(lock, done);
}

void ShardThreads::TakeShards(std::unique_lock<std::mutex>* lock) {
  while (open_ > 0) {
    const int shard = count_ - open_--;
    const std::function<void(int)>& work = *work_;
    lock->unlock();
    work(shard);
    lock->lock();
    ++finished_;
  }
}

void ShardThreads::Loop() {
  UseOneThreadPerCall();
  const auto started = [this] { return stopping_ || open_ > 0; };
  std::unique_lock lock(mutex_);
  while (true) {
    lock.unlock();
    WaitAwake(started);
    lock.lock();
    started_.wait(lock, started);
    if (stopping_) return;
    TakeShards(&lock);
    if (finished_ == count_) done_.notify_one();
  }
}

int AvailableCores() {
  cpu_set_t cores;
  if (sched_getaffinity(0, sizeof(cores), &cores) != 0) {
    return std::max(1u, std::thread::hardware_concurrency());
  }
  return std::max(1, CPU_COUNT(&cores));
}

}  // namespace recur
