// The threads that work on the shards of a minibatch: the caller's and, below
// it, as many more as are wanted. They live as long as this does, and wait
// between two minibatches: awake for a moment, as waking a thread takes a tenth
// of a small minibatch, then asleep.
#ifndef RECUR_MODEL_TRAIN_LEARNING_SHARD_THREADS_H_
#define RECUR_MODEL_TRAIN_LEARNING_SHARD_THREADS_H_

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace recur {

class ShardThreads {
 public:
  // `threads` counts the caller's own; at least 1.
  explicit ShardThreads(int threads);
  ~ShardThreads();

  ShardThreads(const ShardThreads&) = delete;
  ShardThreads& operator=(const ShardThreads&) = delete;

  // Calls work(0) to work(count - 1), each once, on whichever thread is free,
  // and returns when all are done: what they wrote is then seen by the caller.
  // oneDNN stays on one thread within each call. One Run at a time.
  void Run(int count, const std::function<void(int)>& work);

 private:
  void Loop();
  // Takes shards until none is left; holds the lock but for the work itself.
  void TakeShards(std::unique_lock<std::mutex>* lock);

  std::mutex mutex_;
  std::condition_variable started_;
  std::condition_variable done_;
  const std::function<void(int)>* work_ = nullptr;
  int count_ = 0;
  // Changed under the lock, and looked at without it by who waits awake.
  std::atomic<int> open_ = 0;      // shards that nobody has taken
  std::atomic<int> finished_ = 0;  // shards
  std::atomic<bool> stopping_ = false;
  std::vector<std::thread> threads_;
};

// Cores that this process may run on.
int AvailableCores();

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_LEARNING_SHARD_THREADS_H_
