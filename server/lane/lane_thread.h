// The loops that drive Lanes: threads, mailboxes and the clock.
#ifndef RECUR_SERVER_LANE_LANE_THREAD_H_
#define RECUR_SERVER_LANE_LANE_THREAD_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "server/lane/lane.h"

namespace recur {

// Work for a lane, run between two batches.
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
  // The same for a task that submits items; but a lane with nothing else to do
  // may be worked by the caller, for a moment. So the caller holds no lock that
  // the task, or whoever is told what comes of it, may want.
  virtual void PostOrWork(int lane, LaneTask task) {
    Post(lane, std::move(task));
  }
  // To read counters.
  virtual const LaneStats& stats(int lane) const = 0;
};

// One thread per lane. Items may be stepped by the thread that they come from
// instead, for waking another one takes longer than a step; a turn of that is
// one batch at most. All that can take longer is left to the lane's own thread.
class LaneThreads : public LaneHost {
 public:
  // What whoever works a lane calls.
  struct Hooks {
    // Before each round of tasks and a batch.
    absl::AnyInvocable<void() const> before_turn;
    // After it, when all that it finished has been told.
    absl::AnyInvocable<void() const> after_turn;
  };

  LaneThreads(int lanes, const Lane::Options& options, Hooks hooks);
  // Stops as Stop() does.
  ~LaneThreads() override;

  int lane_count() const override { return static_cast<int>(lanes_.size()); }
  void Post(int lane, LaneTask task) override;
  void PostOrWork(int lane, LaneTask task) override;
  const LaneStats& stats(int lane) const override;

  // Finishes what is queued, then joins the threads. Idempotent; from one
  // thread at a time.
  void Stop();

 private:
  struct Mailbox;

  // What a thread that has queued a task does next.
  enum class Next { kGoOn, kYield, kWork };

  Next Queue(Mailbox* mailbox, LaneTask task, bool for_own_thread);
  void Turn(Mailbox* mailbox, bool housekeep);
  void WorkForAMoment(Mailbox* mailbox);
  void Loop(Mailbox* mailbox);

  const Hooks hooks_;
  std::vector<std::unique_ptr<Mailbox>> lanes_;
};

}  // namespace recur

#endif  // RECUR_SERVER_LANE_LANE_THREAD_H_
