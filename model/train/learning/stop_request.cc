#include "model/train/learning/stop_request.h"

#include <atomic>

namespace recur {
namespace {

std::atomic<bool> requested = false;
static_assert(std::atomic<bool>::is_always_lock_free);  // in a handler

extern "C" void RequestStop(int) { requested.store(true); }

}  // namespace

StopSignals::StopSignals() {
  requested.store(false);
  struct sigaction action = {};
  action.sa_handler = RequestStop;
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  sigaction(SIGINT, &action, &interrupt_before_);
  sigaction(SIGTERM, &action, &terminate_before_);
}

StopSignals::~StopSignals() {
  sigaction(SIGINT, &interrupt_before_, nullptr);
  sigaction(SIGTERM, &terminate_before_, nullptr);
}

bool StopRequested() { return requested.load(); }

absl::Status CheckLearnt(int64_t updates) {
  if (!StopRequested() || updates > 0) return absl::OkStatus();
  return absl::CancelledError(
      "stopped before the first update: no model is written");
}

}  // namespace recur
