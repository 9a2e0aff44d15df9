#include "client/load/event_loop.h"

#include <grpc/support/time.h>

namespace recur::load {
namespace {

constexpr std::chrono::microseconds kCoarse(1'200);

gpr_timespec After(std::chrono::nanoseconds wait) {
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_nanos(wait.count(), GPR_TIMESPAN));
}

}  // namespace

void EventLoop::Next(TimePoint until) {
  const std::chrono::nanoseconds wait = until - now_;
  const bool sleep = wait > kCoarse;
  void* tag = nullptr;
  bool ok = false;
  const auto result = queue_.AsyncNext(
      &tag, &ok,
      sleep ? After(wait - kCoarse) : gpr_inf_past(GPR_CLOCK_MONOTONIC));
  const TimePoint before = now_;
  now_ = Clock::now();
  if (result == grpc::CompletionQueue::GOT_EVENT) {
    (*static_cast<Completion*>(tag))(ok);
  } else if (!sleep) {
    idle_ += now_ - before;
  }
}

void EventLoop::Drain() {
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
}

}  // namespace recur::load
