// One run of a server process: the product's Service, StoreDriver and Lane,
// with a simulated process around them instead of threads, and a stream face as
// that of server/rpc instead of gRPC.
#ifndef RECUR_TESTS_SIM_SERVER_RUN_H_
#define RECUR_TESTS_SIM_SERVER_RUN_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "server/core/service.h"
#include "server/core/store_driver.h"
#include "tests/sim/dice.h"
#include "tests/sim/event_loop.h"
#include "tests/sim/fiber.h"
#include "tests/sim/judge.h"
#include "tests/sim/sim_store.h"

namespace recur::sim {

class ServerStream;

// The loop of LaneThreads in virtual time. One lane: which of several a session
// goes to depends on addresses (absl::HashOf).
class SimLanes : public LaneHost {
 public:
  SimLanes(EventLoop* loop, Process* process, const Lane::Options& options,
           Dice dice, std::function<void()> after_turn);

  int lane_count() const override { return 1; }
  void Post(int lane, LaneTask task) override;
  const LaneStats& stats(int /*lane*/) const override { return lane_.stats(); }

  // Drops what was posted, and what will be.
  void Stop();
  bool clean() const { return lane_.clean(); }

 private:
  void Schedule();
  void Turn();
  void Housekeep();

  EventLoop* const loop_;
  Process* const process_;
  Lane lane_;
  Dice dice_;
  const std::function<void()> after_turn_;
  std::deque<LaneTask> tasks_;
  bool scheduled_ = false;
  bool stopped_ = false;
};

class ServerRun {
 public:
  struct Options {
    int run = 1;  // counted over all servers
    Lane::Options lane;
  };

  ServerRun(const Options& options, SimStore* store, Repository* repository,
            Dice dice);
  // Gone without a word. For the ends of its streams see Streams.
  ~ServerRun();

  int run() const { return run_; }
  TimePoint now() const { return loop_->now(); }
  Process& process() { return process_; }
  Service& service() { return *service_; }
  Dice& dice() { return dice_; }

  // What it says of a session, before that leaves it.
  void Judge(absl::string_view session, const SessionInfo& info);
  void Judge(const ItemBatch& batch, uint32_t index);
  void JudgeDurable(absl::string_view session, uint64_t step);

  // Its wall clock is off by so much.
  void JumpClock(Duration by, size_t fault);
  // How the disk is left when it goes.
  void LosePower() { end_ = StoreLink::End::kPowerLost; }
  bool Close();  // StoreLink::Close; idempotent
  bool writing() const { return link_.writing(); }

  // Streams are told apart by number, and unary calls too. What a server says
  // leaves it at the end of a turn, in order of those. Null: it is over.
  std::shared_ptr<ServerStream> Accept(int64_t connection);
  std::shared_ptr<ServerStream> StreamOf(int64_t connection);
  void Drop(int64_t connection);
  void Reply(int64_t call, Task deliver);
  void WantFlush();

  // Says goodbye as server/app does, and calls `done` when it would exit.
  void Drain(std::function<void()> done);
  bool draining() const { return service_->draining(); }
  int64_t spilled() const { return lanes_->stats(0).sessions_spilled.value(); }
  size_t live_sessions() const {
    return static_cast<size_t>(lanes_->stats(0).sessions_live.value());
  }

 private:
  void WakeStore();
  void CommitLoop();
  void ServeLoop(size_t index);
  void Flush();
  bool HasStreams() const;
  void DrainStep(std::function<void()> done);
  int64_t WallUs(TimePoint now);

  const int run_;
  SimStore* const store_;
  EventLoop* const loop_;
  sim::Judge* const judge_;
  Dice dice_;
  Process process_;
  StoreLink::End end_ = StoreLink::End::kKilled;
  bool closing_ = false;
  Duration clock_off_{0};
  std::optional<size_t> clock_fault_;  // not seen by anything yet

  std::unique_ptr<SimLanes> lanes_;
  StoreLink link_;
  std::unique_ptr<StoreDriver> driver_;
  std::unique_ptr<Service> service_;

  struct Loop {
    std::unique_ptr<Fiber> fiber;
    bool idle = true;
  };
  Loop commit_;
  uint64_t commit_pass_ = 0;
  std::vector<Loop> serving_;
  bool woken_ = false;

  std::map<int64_t, std::shared_ptr<ServerStream>> streams_;  // null: over
  std::map<int64_t, Task> replies_;
  bool flushing_ = false;

  enum class Drained { kNo, kFlushing, kLeaving, kLast };
  Drained drained_ = Drained::kNo;
  TimePoint drain_until_;
};

}  // namespace recur::sim

#endif  // RECUR_TESTS_SIM_SERVER_RUN_H_
