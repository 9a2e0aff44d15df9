#include "server/app/model_poller.h"

namespace recur {

ModelPoller::ModelPoller(Repository* repository, std::chrono::seconds interval)
    : repository_(repository), thread_([this, interval] { Loop(interval); }) {}

ModelPoller::~ModelPoller() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void ModelPoller::Loop(std::chrono::seconds interval) {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, interval, [this] { return stopping_; })) {
    lock.unlock();
    repository_->Poll();
    lock.lock();
  }
}

}  // namespace recur
