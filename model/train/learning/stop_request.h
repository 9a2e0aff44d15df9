// Ctrl-C (SIGINT) and SIGTERM as a wish to stop soon with what there is. A
// second one ends the process as it would have without this.
#ifndef RECUR_MODEL_TRAIN_LEARNING_STOP_REQUEST_H_
#define RECUR_MODEL_TRAIN_LEARNING_STOP_REQUEST_H_

#include <csignal>
#include <cstdint>

#include "absl/status/status.h"

namespace recur {

// While one of these is alive, the signals set StopRequested(). One at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();

  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

 private:
  struct sigaction interrupt_before_;
  struct sigaction terminate_before_;
};

// Whether a signal has come since the last StopSignals was made. Any thread.
bool StopRequested();

// CANCELLED if it has, and nothing has been learnt yet: after no update.
absl::Status CheckLearnt(int64_t updates);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_LEARNING_STOP_REQUEST_H_
