// The options that both commands of recur-train have, as text from the command
// line and as the values they stand for.
#ifndef RECUR_MODEL_TRAIN_COMMAND_OPTIONS_H_
#define RECUR_MODEL_TRAIN_COMMAND_OPTIONS_H_

#include <cstdint>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/spec/cell.h"
#include "model/spec/precision.h"
#include "model/train/learning/training_options.h"

namespace recur {

struct CommandOptions {
  std::string data;
  std::string out;                // REPOSITORY/NAME; empty: nothing is written
  std::string precision = "f32";  // of serving
  std::string cell = "lstm";
  std::string activation = "tanh";
  std::string optimizer = "adam";
  std::string schedule = "constant";
  int hidden = 48;
  int layers = 1;
  int max_epochs = 0;  // of classify
  int max_steps = 0;   // of forecast
  bool no_refit = false;
  bool no_calendar = false;
  int utc_offset_minutes = 0;
  std::string time_zone;        // IANA name; empty: the offset
  std::string init_from;        // model directory; empty: from random weights
  double search_minutes = 0.0;  // 0: no search over settings
  std::string checkpoint;       // directory; empty: beside `out`
  double checkpoint_seconds = 30.0;  // between two
  std::string resume;                // directory; empty: begin anew
  std::string predictions;           // file; empty: not written
  bool quiet = false;
  bool json = false;
  TrainingOptions training;
};

// Registers them with their defaults, which are those already in *options.
void AddCommandOptions(CLI::App* command, CommandOptions* options);

// Registers where a training begins, the search over its settings and its
// checkpoints: what TrainingRun (training_run.h) reads.
void AddRunOptions(CLI::App* command, CommandOptions* options);

// `rnn`, `lstm`, `gru` or `gru-reset-before` with the activation.
absl::StatusOr<Cell> CellOf(const CommandOptions& options);

// `f32` or `bf16`. INVALID_ARGUMENT naming the choices.
absl::StatusOr<Precision> PrecisionOf(const CommandOptions& options);

// The training options with the words parsed. INVALID_ARGUMENT naming the
// first option that is out of range, or a path that cannot be written to.
absl::StatusOr<TrainingOptions> TrainingOf(const CommandOptions& options);

// Sets what the settings of every plan have: cell, sizes and calendar.
// INVALID_ARGUMENT as of CellOf.
template <typename Settings>
absl::Status TakeOptions(const CommandOptions& options, Settings* settings) {
  auto cell = CellOf(options);
  if (!cell.ok()) return cell.status();
  settings->cell = *cell;
  settings->hidden_size = options.hidden;
  settings->layers = options.layers;
  settings->calendar = !options.no_calendar;
  settings->utc_offset_minutes = options.utc_offset_minutes;
  settings->time_zone = options.time_zone;
  return absl::OkStatus();
}

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_COMMAND_OPTIONS_H_
