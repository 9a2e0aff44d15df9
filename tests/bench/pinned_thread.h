// A thread on one core that does what it is handed, one thing at a time: for
// rates measured on several cores at once.
#ifndef RECUR_TESTS_BENCH_PINNED_THREAD_H_
#define RECUR_TESTS_BENCH_PINNED_THREAD_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace recur {

class PinnedThread {
 public:
  // Ends the program with a message if there is no such core.
  explicit PinnedThread(int cpu);
  ~PinnedThread();

  PinnedThread(const PinnedThread&) = delete;
  PinnedThread& operator=(const PinnedThread&) = delete;

  // Begins; the work before must have been waited for.
  void Start(std::function<void()> work);
  void Wait();

 private:
  void Loop();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> work_;
  bool busy_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace recur

#endif  // RECUR_TESTS_BENCH_PINNED_THREAD_H_
