#include "server/lane/lane_thread.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace recur {
namespace {

constexpr std::chrono::seconds kHousekeeping{1};
// As long as this a thread that posts may work the lane, which it is not there
// for; and only if the lane's last turn was as short.
constexpr std::chrono::microseconds kMoment{1000};
// Where lanes share cores with those who post to them, a task that has waited
// this long means that the lane's thread cannot have its turn.
constexpr std::chrono::microseconds kPatience{100};
// For so long a lane works off bulk before it lets those others go first: a
// batch may take less than changing threads twice.
constexpr std::chrono::microseconds kBulkSlice{100};

TimePoint Now() { return std::chrono::steady_clock::now(); }

// Whether this thread works a lane. What that posts is left to others: to its
// own lane for the next turn, to another one because this may be held there.
bool& Working() {
  thread_local bool working = false;
  return working;
}

}  // namespace

struct LaneThreads::Mailbox {
  explicit Mailbox(const Lane::Options& options) : lane(options) {}

  enum class Worker { kNobody, kPoster, kOwnThread };

  // Touched by the worker alone, but for the lane's stats.
  Lane lane;
  std::deque<LaneTask> turn;  // the tasks of this one

  std::mutex mutex;  // of what follows
  std::condition_variable changed;
  std::deque<LaneTask> tasks;
  TimePoint oldest;             // when the first of them came
  bool for_own_thread = false;  // one of them is for the lane's own thread
  Worker worker = Worker::kNobody;
  TimePoint::duration last_turn{0};
  bool wanted = false;  // by its own thread, as soon as it is given up
  bool stopping = false;

  std::thread thread;

  bool idle() const { return tasks.empty() && lane.idle(); }
  void TakeTasks();
  bool Await(TimePoint housekeeping);
  bool GoOn(TimePoint began);
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

LaneThreads::Next LaneThreads::Queue(Mailbox* mailbox, LaneTask task,
                                     bool for_own_thread) {
  const TimePoint now = Now();
  {
    const std::lock_guard lock(mailbox->mutex);
    if (mailbox->stopping) return Next::kGoOn;
    if (mailbox->tasks.empty()) mailbox->oldest = now;
    mailbox->tasks.push_back(std::move(task));
    mailbox->for_own_thread |= for_own_thread;
    if (mailbox->worker != Mailbox::Worker::kNobody) {
      return now - mailbox->oldest > kPatience ? Next::kYield : Next::kGoOn;
    }
    if (!for_own_thread && !Working() && mailbox->last_turn <= kMoment) {
      mailbox->worker = Mailbox::Worker::kPoster;
      return Next::kWork;
    }
    mailbox->worker = Mailbox::Worker::kOwnThread;
  }
  mailbox->changed.notify_one();
  return Next::kGoOn;
}

void LaneThreads::Post(int lane, LaneTask task) {
  const Next next =
      Queue(lanes_[lane].get(), std::move(task), /*for_own_thread=*/true);
  if (next == Next::kYield) std::this_thread::yield();
}

void LaneThreads::PostOrWork(int lane, LaneTask task) {
  Mailbox* mailbox = lanes_[lane].get();
  const Next next = Queue(mailbox, std::move(task), /*for_own_thread=*/false);
  if (next == Next::kYield) std::this_thread::yield();
  if (next != Next::kWork) return;
  Working() = true;
  WorkForAMoment(mailbox);
  Working() = false;
}

void LaneThreads::WorkForAMoment(Mailbox* mailbox) {
  const TimePoint began = Now();
  while (mailbox->GoOn(began)) Turn(mailbox, /*housekeep=*/false);
}

void LaneThreads::Mailbox::TakeTasks() {
  turn.swap(tasks);
  for_own_thread = false;
}

// Whether the thread that posted works another turn. If not, what is left is
// for the lane's own thread.
bool LaneThreads::Mailbox::GoOn(TimePoint began) {
  const std::lock_guard lock(mutex);
  if (idle() && !wanted) {
    worker = Worker::kNobody;
    return false;
  }
  if (wanted || for_own_thread || lane.has_bulk() || Now() - began >= kMoment) {
    worker = Worker::kOwnThread;
    changed.notify_one();
    return false;
  }
  TakeTasks();
  return true;
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
    mailbox->changed.notify_one();
  }
  for (auto& mailbox : lanes_) {
    if (mailbox->thread.joinable()) mailbox->thread.join();
  }
}

void LaneThreads::Turn(Mailbox* mailbox, bool housekeep) {
  if (hooks_.before_turn) hooks_.before_turn();
  Lane& lane = mailbox->lane;
  const TimePoint began = Now();
  for (LaneTask& task : mailbox->turn) task(lane, began);
  mailbox->turn.clear();
  const TimePoint before = Now();
  TimePoint after = before;
  if (lane.Tick(before)) {
    after = Now();
    const std::chrono::duration<double> took = after - before;
    lane.stats().step_seconds.Observe(took.count());
  }
  if (housekeep) lane.Housekeep(before);
  if (hooks_.after_turn) hooks_.after_turn();
  mailbox->last_turn = after - began;
}

// On its own thread, which works a turn now if this says so; else it is over.
bool LaneThreads::Mailbox::Await(TimePoint housekeeping) {
  std::unique_lock lock(mutex);
  if (worker == Worker::kOwnThread) {
    if (!idle()) {
      TakeTasks();
      return true;
    }
    if (stopping) return false;
    worker = Worker::kNobody;
  }
  changed.wait_until(lock, housekeeping, [this] {
    return worker == Worker::kOwnThread || stopping;
  });
  if (worker == Worker::kPoster) {
    wanted = true;
    changed.wait(lock, [this] { return worker == Worker::kOwnThread; });
    wanted = false;
  }
  worker = Worker::kOwnThread;
  TakeTasks();
  return true;
}

void LaneThreads::Loop(Mailbox* mailbox) {
  Working() = true;
  TimePoint housekeeping = Now() + kHousekeeping;
  TimePoint slice_began;
  while (mailbox->Await(housekeeping)) {
    const TimePoint now = Now();
    const bool housekeep = now >= housekeeping;
    if (housekeep) housekeeping = now + kHousekeeping;
    Turn(mailbox, housekeep);
    if (!mailbox->lane.has_bulk() || Now() - slice_began < kBulkSlice) continue;
    std::this_thread::yield();
    slice_began = Now();
  }
}

}  // namespace recur
