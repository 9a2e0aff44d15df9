#include "model/train/command_options.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "model/train/model_version.h"
#include "model/train/output_file.h"

namespace recur {
namespace {

void AddFiles(CLI::App* command, CommandOptions* options) {
  command->add_option("--data", options->data, "CSV file with a header line")
      ->required();
  command->add_option("--out", options->out,
                      "REPOSITORY/NAME; the model becomes its version 1 or the "
                      "next free one. Without it nothing is written");
  command
      ->add_option("--precision", options->precision,
                   "f32 or bf16: what servers compute the model in, unless "
                   "they are told otherwise; it is trained and tested in f32")
      ->capture_default_str();
}

void AddNetwork(CLI::App* command, CommandOptions* options) {
  command
      ->add_option("--cell", options->cell,
                   "rnn, lstm, gru, or gru-reset-before")
      ->capture_default_str();
  command
      ->add_option("--activation", options->activation,
                   "of rnn: tanh, relu or sigmoid")
      ->capture_default_str();
  command->add_option("--hidden", options->hidden, "hidden units of a layer")
      ->capture_default_str();
  command->add_option("--layers", options->layers, "recurrent layers")
      ->capture_default_str();
  command->add_flag("--no-calendar", options->no_calendar,
                    "no inputs from day, week and year");
  command
      ->add_option("--utc-offset", options->utc_offset_minutes,
                   "minutes that local time is ahead of UTC, for the calendar")
      ->capture_default_str();
  command->add_option("--time-zone", options->time_zone,
                      "IANA name of the zone whose days and years are meant, "
                      "as Europe/London; without it --utc-offset");
}

void AddOptimizer(CLI::App* command, CommandOptions* options) {
  OptimizerOptions& optimizer = options->training.optimizer;
  command->add_option("--optimizer", options->optimizer, "adam, rmsprop or sgd")
      ->capture_default_str();
  command
      ->add_option("--learning-rate", optimizer.learning_rate,
                   "after a warm-up of 20 updates")
      ->capture_default_str();
  command
      ->add_option("--schedule", options->schedule,
                   "constant, cosine or step (a tenth after each third): how "
                   "the rate falls on the way to the most updates there can be")
      ->capture_default_str();
  command->add_option("--momentum", optimizer.momentum, "of sgd")
      ->capture_default_str();
  command
      ->add_option("--clip", optimizer.clip_norm,
                   "limit of the gradients' norm, 0: none")
      ->capture_default_str();
  command
      ->add_option("--weight-decay", optimizer.weight_decay,
                   "weights shrink by rate times this, biases do not")
      ->capture_default_str();
  command
      ->add_option("--l2", optimizer.l2,
                   "this times the weights is added to their gradients")
      ->capture_default_str();
  command
      ->add_option("--dropout", options->training.dropout,
                   "part of the units switched off at random")
      ->capture_default_str();
}

// CLI11 reads a negative number as a huge one.
std::string NotNegative(const std::string& text) {
  return absl::StartsWith(text, "-")
             ? absl::StrCat(text, " is not a whole number of 0 or more")
             : "";
}

void AddTraining(CLI::App* command, CommandOptions* options) {
  TrainingOptions& training = options->training;
  command->add_option("--batch", training.batch, "sequences per update")
      ->capture_default_str();
  command
      ->add_option("--validation", training.validation,
                   "part of the training data held back to choose how long to "
                   "train; 0: train to the limit")
      ->capture_default_str();
  command
      ->add_option("--patience", training.patience,
                   "stop after so many looks at it without gain")
      ->capture_default_str();
  command->add_flag("--no-refit", options->no_refit,
                    "keep the best weights found with a part held back "
                    "instead of training afresh with all of the data");
  command
      ->add_option("--seed", training.seed,
                   "the same seed gives the same weights")
      ->check(CLI::Validator(NotNegative, ""))
      ->capture_default_str();
  command
      ->add_option("--threads", training.threads,
                   "0: as many as cores; the weights do not depend on it")
      ->check(CLI::Validator(NotNegative, ""))
      ->capture_default_str();
  command->add_option("--predictions", options->predictions,
                      "write every answer for the test part to this CSV file, "
                      "beside the truth");
  command->add_flag("--quiet", options->quiet, "no progress");
  command->add_flag("--json", options->json,
                    "print metrics.json instead of the table");
}

absl::Status CheckWord(const char* name, const std::string& value,
                       const std::vector<std::string>& words) {
  if (std::find(words.begin(), words.end(), value) != words.end()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrFormat("%s is \"%s\"; it must be one of %s", name, value,
                      absl::StrJoin(words, ", ")));
}

absl::Status AtLeastOne(const char* name, int value) {
  if (value >= 1) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrFormat("%s is %d; it must be 1 or more", name, value));
}

}  // namespace

void AddCommandOptions(CLI::App* command, CommandOptions* options) {
  AddFiles(command, options);
  AddNetwork(command, options);
  AddOptimizer(command, options);
  AddTraining(command, options);
}

void AddRunOptions(CLI::App* command, CommandOptions* options) {
  auto* start = command->add_option(
      "--init-from", options->init_from,
      "directory of a trained model: its sizes, recurrent "
      "layers and word vectors are taken over (70 % of them, so that what "
      "it knows too well goes), not its head; of networks "
      "merged in it each begins one of the new ones");
  command
      ->add_option("--search", options->search_minutes,
                   "try sizes, layers, rates and dropout for so many minutes, "
                   "judged by three validation parts (with --validation-rows "
                   "by that one, from three seeds); the options are tried "
                   "first, and what replaces them has to be 2 % better")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->excludes(start);
  auto* checkpoint = command->add_option(
      "--checkpoint", options->checkpoint,
      "directory to keep the state of training in while it runs (default: "
      ".NAME.checkpoint beside the model's; removed at the end)");
  command
      ->add_option("--checkpoint-every", options->checkpoint_seconds,
                   "seconds between two checkpoints")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command
      ->add_option("--resume", options->resume,
                   "go on from the checkpoint in this directory, with the same "
                   "other options")
      ->excludes(checkpoint);
}

absl::StatusOr<Cell> CellOf(const CommandOptions& options) {
  if (auto s = CheckWord("--cell", options.cell,
                         {"rnn", "lstm", "gru", "gru-reset-before"});
      !s.ok()) {
    return s;
  }
  Cell cell;
  auto activation = ParseActivation(options.activation);
  if (!activation.ok()) return activation.status();
  cell.activation = *activation;
  cell.linear_before_reset = options.cell != "gru-reset-before";
  auto kind = ParseCellKind(cell.linear_before_reset ? options.cell : "gru");
  if (!kind.ok()) return kind.status();
  cell.kind = *kind;
  return cell;
}

absl::StatusOr<Precision> PrecisionOf(const CommandOptions& options) {
  if (auto s = CheckWord("--precision", options.precision, {"f32", "bf16"});
      !s.ok()) {
    return s;
  }
  return ParsePrecision(options.precision);
}

absl::StatusOr<TrainingOptions> TrainingOf(const CommandOptions& options) {
  if (auto s = CheckOutputFile("--predictions", options.predictions); !s.ok()) {
    return s;
  }
  TrainingOptions training = options.training;
  auto kind = ParseOptimizerKind(options.optimizer);
  if (!kind.ok()) return kind.status();
  training.optimizer.kind = *kind;
  auto schedule = ParseSchedule(options.schedule);
  if (!schedule.ok()) return schedule.status();
  training.optimizer.schedule = *schedule;
  training.refit = !options.no_refit;
  if (!(training.validation >= 0.0 && training.validation < 1.0)) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "--validation is %g; it must be in [0, 1)", training.validation));
  }
  for (const auto& [name, value] :
       {std::pair("--batch", training.batch),
        std::pair("--patience", training.patience)}) {
    if (auto s = AtLeastOne(name, value); !s.ok()) return s;
  }
  if (!options.out.empty()) {
    if (auto s = CheckModelPath(options.out); !s.ok()) return s;
  }
  if (auto s = ValidateOptimizer(training.optimizer); !s.ok()) return s;
  return training;
}

}  // namespace recur
