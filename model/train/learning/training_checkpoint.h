// Where a training stands, on disk, so that it goes on after a kill as if
// nothing had been.
//
//   auto resumed = checkpoint->Restore("search", [&](auto& a) { a(phase); });
//   while (!done) {
//     ... one update ...
//     checkpoint->SaveIfDue("search", [&](auto& a) { a(phase); });
//   }
//   checkpoint->Save("search", [&](auto& a) { a(phase); });  // for what
//   follows
//
// A training is a row of phases, and each says by one list of fields what its
// next update depends on (state_archive.h); everything else follows from the
// data and the options. A finished phase keeps its last state, so that it is
// not run again. The file DIRECTORY/checkpoint is written beside itself, synced
// and renamed: a kill leaves the one before or the new one. It holds
//
//   "RECURCKP", version 1 (8 bytes), XXH3-64 of the rest, then (as in
//   state_archive.h) the identity and, per phase, its name and state
//
// and is only taken by a training of the same identity: lines such as
// "hidden=48", of all that decides the weights. One thread at a time.
#ifndef RECUR_MODEL_TRAIN_LEARNING_TRAINING_CHECKPOINT_H_
#define RECUR_MODEL_TRAIN_LEARNING_TRAINING_CHECKPOINT_H_

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/train/learning/state_archive.h"

namespace recur {

struct CheckpointOptions {
  std::filesystem::path directory;
  std::vector<std::string> identity;
  std::chrono::milliseconds interval = std::chrono::seconds(30);
  std::function<std::chrono::steady_clock::time_point()> clock =
      std::chrono::steady_clock::now;
};

class TrainingCheckpoint {
 public:
  using CarryState = absl::FunctionRef<void(StateArchive&)>;

  // Keeps nothing: every call does nothing and succeeds.
  TrainingCheckpoint() = default;

  // Begins anew; makes the directory if need be. What is in it stays until the
  // first Save.
  static absl::StatusOr<TrainingCheckpoint> Start(CheckpointOptions options);

  // Goes on with what is in the directory. NOT_FOUND if there is nothing;
  // FAILED_PRECONDITION naming the first line of the identity that differs;
  // DATA_LOSS if the file is damaged, INVALID_ARGUMENT if it is none of ours.
  static absl::StatusOr<TrainingCheckpoint> Resume(CheckpointOptions options);

  // Reads the phase's saved state, if there is one, and says whether there
  // was. DATA_LOSS if it cannot be that of this phase.
  absl::StatusOr<bool> Restore(const std::string& phase, CarryState carry);

  // Writes the phase's state beside those of the phases before.
  absl::Status Save(const std::string& phase, CarryState carry);
  // The same, if the last time was an interval ago.
  absl::Status SaveIfDue(const std::string& phase, CarryState carry);

  // Whether there is a file to go on from, and where.
  bool kept() const { return !phases_.empty(); }
  const std::filesystem::path& directory() const { return options_.directory; }

  // Removes the file, and the directory if nothing else is in it: the training
  // is over.
  absl::Status Remove();

 private:
  explicit TrainingCheckpoint(CheckpointOptions options);

  absl::Status Read();
  absl::Status Parse(const std::string& bytes);
  absl::Status Write() const;

  bool active_ = false;
  CheckpointOptions options_;
  std::map<std::string, std::string> phases_;
  std::chrono::steady_clock::time_point last_save_;
};

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_LEARNING_TRAINING_CHECKPOINT_H_
