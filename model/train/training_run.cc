#include "model/train/training_run.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/format/model_directory.h"
#include "model/train/open_checkpoint.h"
#include "model/train/random_search.h"

namespace recur {
namespace {

CommandOptions With(const Candidate& candidate, CommandOptions options) {
  options.hidden = candidate.hidden;
  options.layers = candidate.layers;
  options.training.optimizer.learning_rate = candidate.learning_rate;
  options.training.dropout = candidate.dropout;
  return options;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TrainingRun>> TrainingRun::Begin(
    const CommandOptions& options, const CLI::App& command,
    const std::vector<std::string>& files) {
  std::unique_ptr<TrainingRun> run(new TrainingRun);
  if (!options.init_from.empty()) {
    auto model = ReadModel(options.init_from);
    if (!model.ok()) return model.status();
    run->start_ = *std::move(model);
  }
  auto checkpoint = OpenCheckpoint(options, command, files);
  if (!checkpoint.ok()) return checkpoint.status();
  run->checkpoint_ = *std::move(checkpoint);
  return run;
}

absl::StatusOr<std::vector<Trial>> TrainingRun::Search(
    const Console& console, CommandOptions* options,
    absl::FunctionRef<absl::StatusOr<double>(const CommandOptions&)> evaluate) {
  if (options->search_minutes == 0.0) return std::vector<Trial>();
  if (options->training.validation == 0.0) {
    return absl::InvalidArgumentError(
        "--search is judged by the validation part; give a --validation "
        "above 0");
  }
  SearchOptions search;
  search.budget = std::chrono::duration<double>(60.0 * options->search_minutes);
  search.seed = options->training.seed;
  search.stop = StopRequested;
  int number = 0;
  const auto tried = [&](const Candidate& candidate) -> absl::StatusOr<double> {
    const std::string name = absl::StrCat("trial ", ++number);
    double error = 0.0;
    const auto carry = [&](StateArchive& archive) { archive(error); };
    auto known = checkpoint_.Restore(name, carry);
    if (!known.ok()) return known.status();
    if (!*known) {
      auto own = evaluate(With(candidate, *options));
      if (!own.ok()) return own;
      error = *own;
      if (StopRequested()) return error;  // of a part of it: not to be kept
      if (auto s = checkpoint_.Save(name, carry); !s.ok()) return s;
    }
    if (!options->quiet) {
      console.err << absl::StrFormat("%s: %s: validation %.4f\n", name,
                                     candidate.Text(), error);
    }
    return error;
  };
  const Candidate first{options->hidden, options->layers,
                        options->training.optimizer.learning_rate,
                        options->training.dropout};
  auto result = SearchCandidates(first, search, tried);
  if (!result.ok()) return result.status();
  *options = With(result->best, *options);
  if (!options->quiet) console.err << TrialsText(result->trials);
  return std::move(result->trials);
}

absl::Status TrainingRun::Finish(const Console& console) {
  if (!StopRequested()) return checkpoint_.Remove();
  console.err << "stopped by a signal: this is the best so far";
  if (checkpoint_.kept()) {
    console.err << "; the same command with --resume "
                << checkpoint_.directory().string() << " goes on";
  }
  console.err << "\n";
  return absl::OkStatus();
}

void AdoptSizes(const NetworkSpec& network, CommandOptions* options) {
  options->cell = std::string(CellKindName(network.cell.kind));
  if (network.cell.kind == CellKind::kGru &&
      !network.cell.linear_before_reset) {
    options->cell = "gru-reset-before";
  }
  options->activation = std::string(ActivationName(network.cell.activation));
  options->hidden = network.hidden_size;
  options->layers = network.layers;
}

}  // namespace recur
