#include "server/app/thread_scheduling.h"

#include <sched.h>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <cstring>

namespace recur {

void WaitTurnsWhenWoken() {
  const sched_param no_priority{};
  if (sched_setscheduler(0, SCHED_BATCH, &no_priority) == 0) return;
  spdlog::debug("threads keep the default scheduling: {}",
                std::strerror(errno));
}

}  // namespace recur
