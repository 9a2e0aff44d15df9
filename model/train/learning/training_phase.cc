#include "model/train/learning/training_phase.h"

#include "model/train/learning/stop_request.h"

namespace recur {

absl::Status RunPhase(const std::string& name, TrainingCheckpoint& checkpoint,
                      TrainingCheckpoint::CarryState carry,
                      absl::FunctionRef<bool()> unfinished,
                      absl::FunctionRef<absl::Status()> update) {
  if (auto s = checkpoint.Restore(name, carry).status(); !s.ok()) return s;
  while (unfinished() && !StopRequested()) {
    if (auto s = update(); !s.ok()) return s;
    if (auto s = checkpoint.SaveIfDue(name, carry); !s.ok()) return s;
  }
  return checkpoint.Save(name, carry);
}

}  // namespace recur
