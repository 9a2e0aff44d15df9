// SIGTERM and SIGINT as calls, not interruptions.
#ifndef RECUR_SERVER_APP_STOP_SIGNALS_H_
#define RECUR_SERVER_APP_STOP_SIGNALS_H_

namespace recur {

// Holds both signals back from the calling thread and all that it starts
// later, and ignores SIGPIPE. First thing in main.
void HoldStopSignals();

// Waits for the first of them and returns its number.
int WaitForStopSignal();

// From now on a second one ends the process at once, exit code 128 + signal.
void LeaveAtOnceOnNextSignal();

}  // namespace recur

#endif  // RECUR_SERVER_APP_STOP_SIGNALS_H_
