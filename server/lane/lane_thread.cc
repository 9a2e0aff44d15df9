#include "server/lane/lane_thread.h"

#include <chrono>
#include <deque>
#include <utility>

namespace recur {
namespace {

constexpr std::chrono::seconds kHousekeeping{1};
// Where lanes share cores with those who post to them, a task that has waited
// this long means that the lane cannot have its turn.
constexpr std::chrono::microseconds kPatience{100};

TimePoint Now() { return std::chrono::steady_clock::now(); }

}  // namespace

struct LaneThreads::Mailbox {
  explicit Mailbox(const Lane::Options& options) : lane(options) {}

  Lane lane;  // touched by the thread alone, but for its stats
  std::mutex mutex;
  std::condition_variable posted;
  std::deque<LaneTask> tasks;  // under mutex
  TimePoint oldest;            // under mutex: when the first task came
  bool stopping = false;       // under mutex
  std::thread thread;
};

LaneThreads::LaneThreads(int lanes, const Lane::Options& options, Hooks hooks)
    : hooks_(std::move(hooks)) {
  for (int i = 0; i < lanes; ++i) {
    lanes_.push_back(std::make_unique<Mailbox>(options));
  }
  for (auto& mailbox : lanes_) {
    mailbox->thread = std::thread([this, lane = mailbox.get()] { Loop(lane); });
  }
}

LaneThreads::~LaneThreads() { Stop(); }

void LaneThreads::Post(int lane, LaneTask task) {
  Mailbox& mailbox = *lanes_[lane];
  const TimePoint now = Now();
  bool late = false;
  {
    const std::lock_guard lock(mailbox.mutex);
    if (mailbox.stopping) return;
    if (mailbox.tasks.empty()) mailbox.oldest = now;
    late = now - mailbox.oldest > kPatience;
    mailbox.tasks.push_back(std::move(task));
  }
  mailbox.posted.notify_one();
  if (late) std::this_thread::yield();
}

const LaneStats& LaneThreads::stats(int lane) const {
  return lanes_[lane]->lane.stats();
}

void LaneThreads::Stop() {
  for (auto& mailbox : lanes_) {
    {
      const std::lock_guard lock(mailbox->mutex);
      mailbox->stopping = true;
    }
    mailbox->posted.notify_one();
  }
  for (auto& mailbox : lanes_) {
    if (mailbox->thread.joinable()) mailbox->thread.join();
  }
}

void LaneThreads::Loop(Mailbox* mailbox) {
  if (hooks_.on_start) hooks_.on_start();
  Lane& lane = mailbox->lane;
  std::deque<LaneTask> tasks;
  TimePoint housekeeping = Now() + kHousekeeping;
  while (true) {
    {
      std::unique_lock lock(mailbox->mutex);
      const auto wake = [&] {
        return !mailbox->tasks.empty() || mailbox->stopping;
      };
      if (lane.idle()) {
        mailbox->posted.wait_until(lock, housekeeping, wake);
        if (mailbox->stopping && mailbox->tasks.empty()) return;
      }
      tasks.swap(mailbox->tasks);
    }
    TimePoint now = Now();
    for (LaneTask& task : tasks) task(lane, now);
    tasks.clear();
    const TimePoint before = Now();
    if (lane.Tick(before)) {
      const std::chrono::duration<double> took = Now() - before;
      lane.stats().step_seconds.Observe(took.count());
    }
    if (before >= housekeeping) {
      lane.Housekeep(before);
      housekeeping = before + kHousekeeping;
    }
    if (hooks_.after_turn) hooks_.after_turn();
    if (lane.has_bulk()) std::this_thread::yield();
  }
}

}  // namespace recur
