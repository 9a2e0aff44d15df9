// A thread for work that takes a while, such as loading a model, so that
// gRPC's threads do not wait for it.
#ifndef RECUR_SERVER_RPC_LOAD_WORKER_H_
#define RECUR_SERVER_RPC_LOAD_WORKER_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>

#include "absl/functional/any_invocable.h"

namespace recur {

class LoadWorker {
 public:
  using Task = absl::AnyInvocable<void()>;

  explicit LoadWorker(size_t max_waiting);
  // Finishes the task in progress; drops those that wait.
  ~LoadWorker();

  // Runs the task after those before it. False if max_waiting already wait:
  // the task is dropped.
  bool Post(Task task);

 private:
  void Loop();

  const size_t max_waiting_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::deque<Task> tasks_;
  std::thread thread_;
};

}  // namespace recur

#endif  // RECUR_SERVER_RPC_LOAD_WORKER_H_
