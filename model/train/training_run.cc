#include "model/train/training_run.h"

#include <chrono>
#include <limits>
#include <utility>

#include "absl/strings/str_format.h"
#include "model/format/model_directory.h"
#include "model/train/learning/merge_members.h"
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
    const std::vector<std::string>& files, SearchCheckpoint::Clock clock) {
  std::unique_ptr<TrainingRun> run(new TrainingRun);
  run->clock_ = std::move(clock);
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
    absl::FunctionRef<absl::StatusOr<double>(const CommandOptions&, int part)>
        evaluate) {
  if (options->search_minutes == 0.0) return std::vector<Trial>();
  if (options->training.validation == 0.0) {
    return absl::InvalidArgumentError(
        "--search is judged by the validation part; give a --validation "
        "above 0");
  }
  auto kept = SearchCheckpoint::Open(&checkpoint_, clock_);
  if (!kept.ok()) return kept.status();
  SearchOptions search;
  search.budget = std::chrono::duration<double>(
      kept->complete() ? std::numeric_limits<double>::infinity()
                       : 60.0 * options->search_minutes);
  search.seed = options->training.seed;
  search.clock = [&] { return kept->Now(); };
  search.stop = [&] { return StopRequested() || kept->exhausted(); };
  const auto tried = [&](const Candidate& candidate, int part) {
    auto error =
        kept->Try([&] { return evaluate(With(candidate, *options), part); });
    if (error.ok() && !options->quiet) {
      console.err << absl::StrFormat("trial %d: %s: validation part %d: %.4f\n",
                                     kept->tried(), candidate.Text(), part + 1,
                                     *error);
    }
    return error;
  };
  const Candidate first{options->hidden, options->layers,
                        options->training.optimizer.learning_rate,
                        options->training.dropout};
  auto result = SearchCandidates(first, search, tried);
  if (!result.ok()) return result.status();
  if (!StopRequested()) {
    if (auto s = kept->Complete(); !s.ok()) return s;
  }
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

NetworkSpec AdoptSizes(const Model& start, CommandOptions* options) {
  const NetworkSpec network = MemberSpec(
      start.spec.network, CountMembers(start.spec.network, start.weights));
  options->cell = std::string(CellKindName(network.cell.kind));
  if (network.cell.kind == CellKind::kGru &&
      !network.cell.linear_before_reset) {
    options->cell = "gru-reset-before";
  }
  options->activation = std::string(ActivationName(network.cell.activation));
  options->hidden = network.hidden_size;
  options->layers = network.layers;
  return network;
}

}  // namespace recur
