// Where a command's training keeps its checkpoint, by its options.
#ifndef RECUR_MODEL_TRAIN_OPEN_CHECKPOINT_H_
#define RECUR_MODEL_TRAIN_OPEN_CHECKPOINT_H_

#include <filesystem>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "model/train/command_options.h"
#include "model/train/learning/training_checkpoint.h"

namespace recur {

// REPOSITORY/.NAME.checkpoint for the model REPOSITORY/NAME: beside it, and
// nothing that a server would take for a model.
std::filesystem::path CheckpointBeside(const std::filesystem::path& model);

// Resumes from --resume; else begins one in --checkpoint, or beside --out, or
// none at all. Its identity is every option of the command that decides the
// weights, as "hidden=48", and a digest of each of the files.
absl::StatusOr<TrainingCheckpoint> OpenCheckpoint(
    const CommandOptions& options, const CLI::App& command,
    const std::vector<std::string>& files);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_OPEN_CHECKPOINT_H_
