#include "server/core/store_threads.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "server/lane/commit_queue.h"

namespace recur {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks{2};

TimePoint Now() { return std::chrono::steady_clock::now(); }

// For tools that list threads, or give them cores.
void NameThisThread(const char* name) {
  pthread_setname_np(pthread_self(), name);
}

// What lanes have to commit, asked of each.
struct Look {
  void Add(const CommitQueue& commits) {
    const std::lock_guard lock(mutex);
    unsettled_since = std::min(unsettled_since, commits.unsettled_since());
    refused_at = std::max(refused_at, commits.refused_at());
    if (--missing == 0) answered.notify_one();
  }

  std::mutex mutex;
  std::condition_variable answered;
  // Under mutex:
  int missing = 0;
  TimePoint unsettled_since = TimePoint::max();
  TimePoint refused_at;
};

}  // namespace

StoreThreads::StoreThreads(StoreDriver* driver, LaneHost* lanes,
                           int load_threads)
    : driver_(driver), lanes_(lanes) {
  threads_.emplace_back([this] {
    NameThisThread("store-commit");
    while (!stopping_) driver_->AwaitCommit(driver_->CommitPass(Now()));
  });
  for (int i = 0; i < load_threads; ++i) {
    threads_.emplace_back([this] {
      NameThisThread("store-load");
      while (!stopping_) {
        if (!driver_->Serve(Now())) driver_->AwaitServe();
      }
    });
  }
}

bool StoreThreads::Flush(TimePoint deadline) {
  // What has changed by then is to be stored.
  TimePoint until = Now();
  while (true) {
    auto look = std::make_shared<Look>();
    look->missing = lanes_->lane_count();
    for (int i = 0; i < lanes_->lane_count(); ++i) {
      lanes_->Post(i, [look](Lane& lane, TimePoint /*now*/) {
        look->Add(*lane.commits());
      });
    }
    std::unique_lock lock(look->mutex);
    const bool all = look->answered.wait_until(
        lock, std::max(deadline, Now() + kBetweenLooks),
        [&] { return look->missing == 0; });
    const bool refused = look->refused_at >= until;
    if (all && !refused && look->unsettled_since > until) return true;
    if (Now() >= deadline) return false;
    // That waits anew, and is not told from what has come since.
    if (refused) until = Now();
    lock.unlock();
    driver_->WantAll();
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

void StoreThreads::Stop() {
  stopping_ = true;
  driver_->Stop();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace recur
