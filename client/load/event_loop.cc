#include "client/load/event_loop.h"

#include <grpc/support/time.h>

#include <algorithm>

namespace recur::load {
namespace {

constexpr std::chrono::microseconds kCoarse(1'200);
constexpr int kTurnCompletions = 64;

gpr_timespec After(std::chrono::nanoseconds wait) {
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_nanos(wait.count(), GPR_TIMESPAN));
}

}  // namespace

// False if there was nothing within that time.
bool EventLoop::HandleOne(std::chrono::nanoseconds wait) {
  void* tag = nullptr;
  bool ok = false;
  const auto result = queue_.AsyncNext(
      &tag, &ok,
      wait.count() > 0 ? After(wait) : gpr_inf_past(GPR_CLOCK_MONOTONIC));
  now_ = Clock::now();
  if (result != grpc::CompletionQueue::GOT_EVENT) return false;
  (*static_cast<Completion*>(tag))(ok);
  return true;
}

void EventLoop::Next(TimePoint until) {
  if (!held_.empty()) {
    const bool handled = HandleOne(std::chrono::nanoseconds(0));
    if (handled && ++handled_since_release_ < kTurnCompletions) return;
    Release();
    if (handled) return;
  }
  const TimePoint before = now_;
  const std::chrono::nanoseconds wait = until - now_;
  const bool sleep = !poll_ && wait > kCoarse;
  const bool handled =
      HandleOne(sleep ? wait - kCoarse : std::chrono::nanoseconds(0));
  if (!handled && !sleep) idle_ += now_ - before;
}

void EventLoop::HoldForTurn(LoadConnection* connection) {
  if (std::find(held_.begin(), held_.end(), connection) != held_.end()) return;
  connection->Hold();
  held_.push_back(connection);
}

void EventLoop::Release() {
  for (LoadConnection* connection : held_) connection->Release();
  held_.clear();
  handled_since_release_ = 0;
}

void EventLoop::Drain() {
  Release();
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
}

}  // namespace recur::load
