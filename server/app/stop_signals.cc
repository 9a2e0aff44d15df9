#include "server/app/stop_signals.h"

#include <signal.h>
#include <unistd.h>

#include <thread>
#include <utility>

namespace recur {
namespace {

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

void HoldStopSignals() {
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

int WaitForStopSignal() {
  const sigset_t signals = StopSignals();
  int signal = 0;
  sigwait(&signals, &signal);
  return signal;
}

void LeaveAtOnceOnNextSignal(std::function<void()> last) {
  // Without a thread to join: nothing is left to clean up when it acts.
  std::thread([last = std::move(last)] {
    const int signal = WaitForStopSignal();
    last();
    _exit(128 + signal);
  }).detach();
}

}  // namespace recur
