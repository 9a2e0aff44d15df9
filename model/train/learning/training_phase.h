// A phase of a training: one update after the other until it is done, with
// checkpoints between them and an ear for Ctrl-C.
#ifndef RECUR_MODEL_TRAIN_LEARNING_TRAINING_PHASE_H_
#define RECUR_MODEL_TRAIN_LEARNING_TRAINING_PHASE_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "model/train/learning/training_checkpoint.h"

namespace recur {

// Goes on from what the checkpoint has of the phase, then calls `update` while
// `unfinished` and no stop is requested (stop_request.h), saves when it is due,
// and at the end. `carry` lists all that the next update depends on; it is
// called before `unfinished` is asked for the first time. The first error ends
// it.
absl::Status RunPhase(const std::string& name, TrainingCheckpoint& checkpoint,
                      TrainingCheckpoint::CarryState carry,
                      absl::FunctionRef<bool()> unfinished,
                      absl::FunctionRef<absl::Status()> update);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_LEARNING_TRAINING_PHASE_H_
