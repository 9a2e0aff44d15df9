// The loop that drives a Lane: a thread, a mailbox and the clock.
#ifndef RECUR_SERVER_LANE_LANE_THREAD_H_
#define RECUR_SERVER_LANE_LANE_THREAD_H_

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "server/lane/lane.h"

namespace recur {

// Work for a lane, run on its thread between two batches.
using LaneTask = absl::AnyInvocable<void(Lane&, TimePoint now)>;

// Where lanes live: threads when serving, a puppet in tests.
class LaneHost {
 public:
  virtual ~LaneHost() = default;
  virtual int lane_count() const = 0;
  // Runs the task on the lane's thread, after those posted before. From any
  // thread. Tasks posted after the host has stopped are destroyed without
  // being run: stop it last, when no call can come any more.
  virtual void Post(int lane, LaneTask task) = 0;
  // To read counters.
  virtual const LaneStats& stats(int lane) const = 0;
};

// One thread per lane.
class LaneThreads : public LaneHost {
 public:
  // What each thread calls.
  struct Hooks {
    // First (for settings of an engine's library).
    absl::AnyInvocable<void() const> on_start;
    // After each round of tasks and a batch, when all that they finished has
    // been told.
    absl::AnyInvocable<void() const> after_turn;
  };

  LaneThreads(int lanes, const Lane::Options& options, Hooks hooks);
  // Stops as Stop() does.
  ~LaneThreads() override;

  int lane_count() const override { return static_cast<int>(lanes_.size()); }
  void Post(int lane, LaneTask task) override;
  const LaneStats& stats(int lane) const override;

  // Finishes what is queued, then joins the threads. Idempotent; from one
  // thread at a time.
  void Stop();

 private:
  struct Mailbox;

  void Loop(Mailbox* mailbox);

  const Hooks hooks_;
  std::vector<std::unique_ptr<Mailbox>> lanes_;
};

}  // namespace recur

#endif  // RECUR_SERVER_LANE_LANE_THREAD_H_
