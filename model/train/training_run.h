// What a command does around its training: where it begins from, how it can be
// stopped and goes on, and the search over its settings.
#ifndef RECUR_MODEL_TRAIN_TRAINING_RUN_H_
#define RECUR_MODEL_TRAIN_TRAINING_RUN_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/spec/model_spec.h"
#include "model/train/command_options.h"
#include "model/train/learning/stop_request.h"
#include "model/train/learning/training_checkpoint.h"
#include "model/train/report/report.h"
#include "model/train/search_checkpoint.h"
#include "model/train/train_tool.h"

namespace recur {

// While one of these is alive, Ctrl-C is a wish to stop (stop_request.h).
class TrainingRun {
 public:
  // Reads the model of --init-from and opens the checkpoint; `files` are those
  // that the training reads, and `clock` is that of a search. Errors are those
  // of ReadModel and OpenCheckpoint.
  static absl::StatusOr<std::unique_ptr<TrainingRun>> Begin(
      const CommandOptions& options, const CLI::App& command,
      const std::vector<std::string>& files,
      SearchCheckpoint::Clock clock = std::chrono::steady_clock::now);

  // The model to begin from, null if there is none.
  const Model* start() const { return start_ ? &*start_ : nullptr; }
  TrainingCheckpoint* checkpoint() { return &checkpoint_; }

  // With --search: `evaluate` trains with the options it is given and returns
  // the error on one of several validation parts (random_search.h). Sets those
  // of *options that did best, and returns what was tried; each trial is told,
  // and the table at the end. A trial that a checkpoint knows is not run again,
  // and its time is spent. Without, tries nothing.
  absl::StatusOr<std::vector<Trial>> Search(
      const Console& console, CommandOptions* options,
      absl::FunctionRef<absl::StatusOr<double>(const CommandOptions&, int part)>
          evaluate);

  // When all is written: removes the checkpoint, or says that the training was
  // stopped and how it goes on.
  absl::Status Finish(const Console& console);

 private:
  TrainingRun() = default;

  StopSignals signals_;
  std::optional<Model> start_;
  TrainingCheckpoint checkpoint_;
  SearchCheckpoint::Clock clock_;
};

// Replaces what --cell, --activation, --hidden and --layers say by what the
// model has, or each of the networks merged in it, which is returned.
NetworkSpec AdoptSizes(const Model& start, CommandOptions* options);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_TRAINING_RUN_H_
