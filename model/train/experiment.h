// All that one training of a command works on, made from its options: what the
// commands of recur-train have in common before they train.
//
// What they have not is a Task:
//   Command          its options, of which `options` are the CommandOptions;
//                    SettingsOf(command) are those of its plan
//   Data, Plan
//   Adopt            what a model to begin from decides, as options
//   Read             the data
//   MakePlan         the model for them
//   ValidationError  trains without a word and returns the error on the
//                    validation part
//   UsePart          makes that another one, of number 1 and up, of the same
//                    training part
#ifndef RECUR_MODEL_TRAIN_EXPERIMENT_H_
#define RECUR_MODEL_TRAIN_EXPERIMENT_H_

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "model/train/command_options.h"
#include "model/train/learning/training_options.h"
#include "model/train/report/report.h"
#include "model/train/train_tool.h"
#include "model/train/training_run.h"

namespace recur {

template <typename Task>
struct Experiment {
  typename Task::Data data;
  typename Task::Plan plan;
  TrainingOptions training;
  std::vector<Trial> trials = {};  // of the search for the options
};

// By the options as they are. What is wrong with them is said before the data
// are read.
template <typename Task>
absl::StatusOr<Experiment<Task>> PrepareExperiment(
    const typename Task::Command& own) {
  auto training = TrainingOf(own.options);
  if (!training.ok()) return training.status();
  auto precision = PrecisionOf(own.options);
  if (!precision.ok()) return precision.status();
  auto settings = SettingsOf(own);
  if (!settings.ok()) return settings.status();
  auto data = Task::Read(own, training->seed);
  if (!data.ok()) return data.status();
  auto plan = Task::MakePlan(*data, *settings);
  if (!plan.ok()) return plan.status();
  plan->spec.precision = *precision;
  return Experiment<Task>{*std::move(data), *std::move(plan),
                          *std::move(training)};
}

// By the options that a model to begin from and a search leave in *own.
template <typename Task>
absl::StatusOr<Experiment<Task>> BeginExperiment(const Console& console,
                                                 TrainingRun* run,
                                                 typename Task::Command* own) {
  if (run->start() != nullptr) Task::Adopt(*run->start(), own);
  auto trials = run->Search(
      console, &own->options,
      [own](const CommandOptions& options, int part) -> absl::StatusOr<double> {
        typename Task::Command other = *own;
        other.options = options;
        auto tried = PrepareExperiment<Task>(other);
        if (!tried.ok()) return tried.status();
        tried->training.refit = false;
        if (part > 0) Task::UsePart(part, &*tried);
        return Task::ValidationError(other, *tried);
      });
  if (!trials.ok()) return trials.status();
  auto experiment = PrepareExperiment<Task>(*own);
  if (!experiment.ok()) return experiment.status();
  experiment->trials = *std::move(trials);
  experiment->training.start = run->start();
  return experiment;
}

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_EXPERIMENT_H_
