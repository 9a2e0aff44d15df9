#include "model/train/shard_threads.h"

#include <sched.h>

#include <algorithm>

#include "model/network/onednn/onednn_engine.h"

namespace recur {

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
  next_ = 0;
  finished_ = 0;
  if (count > 1) started_.notify_all();
  TakeShards(&lock);
  done_.wait(lock, [this] { return finished_ == count_; });
}

void ShardThreads::TakeShards(std::unique_lock<std::mutex>* lock) {
  while (next_ < count_) {
    const int shard = next_++;
    const std::function<void(int)>& work = *work_;
    lock->unlock();
    work(shard);
    lock->lock();
    ++finished_;
  }
}

void ShardThreads::Loop() {
  UseOneThreadPerCall();
  std::unique_lock lock(mutex_);
  while (true) {
    started_.wait(lock, [this] { return stopping_ || next_ < count_; });
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
