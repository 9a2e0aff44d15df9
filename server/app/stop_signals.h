// SIGTERM and SIGINT as calls, not interruptions.
#ifndef RECUR_SERVER_APP_STOP_SIGNALS_H_
#define RECUR_SERVER_APP_STOP_SIGNALS_H_

#include <functional>

namespace recur {

// Holds both signals back from the calling thread and all that it starts
// later, and ignores SIGPIPE. First thing in main.
void HoldStopSignals();

// Waits for the first of them and returns its number.
int WaitForStopSignal();

// From now on a second one ends the process after `last`, on a thread of its
// own; exit code 128 + signal.
void LeaveAtOnceOnNextSignal(std::function<void()> last);

}  // namespace recur

#endif  // RECUR_SERVER_APP_STOP_SIGNALS_H_
