// Virtual time: what is to happen is kept in order of its moment, and time
// jumps from one to the next. What falls on one moment happens in the order in
// which it was asked for, so that a run can be repeated.
#ifndef RECUR_TESTS_SIM_EVENT_LOOP_H_
#define RECUR_TESTS_SIM_EVENT_LOOP_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "server/session/session.h"
#include "tests/sim/dice.h"

namespace recur::sim {

using Task = absl::AnyInvocable<void()>;

class EventLoop {
 public:
  TimePoint now() const { return now_; }

  void At(TimePoint when, Task task);
  void After(Duration pause, Task task) { At(now_ + pause, std::move(task)); }

  // Does the next thing; false if there is none.
  bool RunNext();

  // A run's fingerprint: two runs of a seed that differ anywhere differ here.
  void Fold(uint64_t value) {
    digest_ = (digest_ ^ value) * 0x100000001b3;  // FNV-1a, by words
  }
  uint64_t digest() const { return digest_; }
  int64_t events() const { return events_; }

 private:
  struct Event {
    TimePoint when;
    uint64_t serial;
    Task task;
  };
  static bool Later(const Event& a, const Event& b) {
    return a.when != b.when ? a.when > b.when : a.serial > b.serial;
  }

  // Far from 0, as the clock of a machine that has been up for a while.
  TimePoint now_{std::chrono::hours(100)};
  uint64_t serial_ = 0;
  int64_t events_ = 0;
  uint64_t digest_ = 0xcbf29ce484222325;
  std::vector<Event> heap_;
};

// One run of a process. What it has to do waits while it is stopped (SIGSTOP),
// and is forgotten once it is gone.
class Process {
 public:
  explicit Process(EventLoop* loop)
      : loop_(loop), life_(std::make_shared<Life>()) {}
  ~Process() { Kill(); }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void After(Duration pause, Task task);

  void Stop() { life_->stopped = true; }
  // Returns how many things had waited.
  size_t Continue();
  bool stopped() const { return life_->stopped; }
  void Kill();

 private:
  struct Life {
    bool over = false;
    bool stopped = false;
    std::deque<Task> waiting;
  };

  EventLoop* const loop_;
  const std::shared_ptr<Life> life_;
};

}  // namespace recur::sim

#endif  // RECUR_TESTS_SIM_EVENT_LOOP_H_
