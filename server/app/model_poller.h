// Looks at the models' directory now and then, on a thread of its own.
#ifndef RECUR_SERVER_APP_MODEL_POLLER_H_
#define RECUR_SERVER_APP_MODEL_POLLER_H_

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "server/repository/repository.h"

namespace recur {

class ModelPoller {
 public:
  // `repository` must outlive it.
  ModelPoller(Repository* repository, std::chrono::seconds interval);
  // Waits for a load in progress.
  ~ModelPoller();

 private:
  void Loop(std::chrono::seconds interval);

  Repository* repository_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace recur

#endif  // RECUR_SERVER_APP_MODEL_POLLER_H_
