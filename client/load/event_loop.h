// One thread, one completion queue: everything that the generator does is a
// gRPC operation whose end is handled here, in turn, between sends that are
// due. Nothing needs a lock and no thread wakes another.
#ifndef RECUR_CLIENT_LOAD_EVENT_LOOP_H_
#define RECUR_CLIENT_LOAD_EVENT_LOOP_H_

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <vector>

#include "client/load/load_clock.h"
#include "client/load/load_connection.h"

namespace recur::load {

// What to do at the end of an operation; its address is the operation's tag.
// `ok` is gRPC's.
using Completion = std::function<void(bool ok)>;

class EventLoop {
 public:
  // `poll`: never sleeps. Whoever sends to a thread that sleeps has to wake it,
  // which takes several microseconds of the sender's time where cores are
  // virtual; with a core to itself the load can spare the server that.
  explicit EventLoop(bool poll) : poll_(poll), now_(Clock::now()) {}

  grpc::CompletionQueue* queue() { return &queue_; }

  // Handles one completion, if one comes before `until`. Close to `until` it
  // polls in any case: the kernel's and gRPC's timers are a millisecond
  // coarse, sends are due to the microsecond.
  void Next(TimePoint until);

  // Call it before each write: what is sent on the connection until the loop
  // has nothing at hand to do, or for some dozens of completions, leaves
  // together.
  void HoldForTurn(LoadConnection* connection);

  // When the present completion came: a clock that costs nothing. Tick sets it
  // where the loop has not run for a while.
  TimePoint now() const { return now_; }
  TimePoint Tick() { return now_ = Clock::now(); }

  // Time that was spent in polling in vain instead of sleeping.
  std::chrono::nanoseconds idle() const { return idle_; }

  // Waits for all operations that are under way, and forgets them: none is
  // handled. They must have been cancelled. Nothing may be started after it.
  void Drain();

 private:
  bool HandleOne(std::chrono::nanoseconds wait);
  void Release();

  const bool poll_;
  grpc::CompletionQueue queue_;
  TimePoint now_;
  std::vector<LoadConnection*> held_;
  int handled_since_release_ = 0;
  std::chrono::nanoseconds idle_{0};
};

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_EVENT_LOOP_H_
