// One member of a forecaster in training: first as long as the validation part
// says, then afresh on all there is.
#ifndef RECUR_MODEL_TRAIN_FORECAST_MEMBER_TRAINING_H_
#define RECUR_MODEL_TRAIN_FORECAST_MEMBER_TRAINING_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "model/train/forecast/forecast_data.h"
#include "model/train/forecast/forecast_member.h"
#include "model/train/forecast/forecast_plan.h"
#include "model/train/forecast/forecast_stage.h"
#include "model/train/forecast/merge_forecasters.h"
#include "model/train/learning/early_stopping.h"
#include "model/train/learning/training_checkpoint.h"
#include "model/train/learning/training_options.h"
#include "model/train/report/progress.h"

namespace recur {

// How one member came to be.
struct MemberTraining {
  std::string name;
  int steps = 0;           // updates of the final weights
  int searched_steps = 0;  // updates spent on finding that number
  double loss = 0.0;       // of the last minibatch
  double share = 1.0;      // as in forecast_member.h
};

// What the phases of all members share.
struct ForecastRun {
  const ForecastData& data;
  const ForecastPlan& plan;
  const TrainingOptions& options;
  Progress& progress;
  TrainingCheckpoint& checkpoint;
  std::vector<SeriesGrid> grids;
  std::vector<Member> members;

  const ModelSpec& spec() const { return plan.spec; }
  std::string PhaseName(const char* what, size_t member) const {
    if (members.size() == 1) return what;
    return absl::StrCat(what, " ", member + 1, "/", members.size());
  }
};

// What searching has found for one member.
struct FoundMember {
  explicit FoundMember(int patience) : stopping(patience) {}

  EarlyStopping stopping;
  TrainedMember best;
  double share = 1.0;            // of the best beside its reference
  std::vector<float> forecasts;  // of the best at the judged origins
  MemberTraining training;
};

// Trains on the rows of the stage, judges the averaged weights at the steps of
// ValidationSteps(plan.max_steps) with the best share of the reference, and
// stops after `patience` looks without gain, or with the best so far when a
// signal asks for it.
absl::StatusOr<FoundMember> SearchMember(const ForecastRun& run,
                                         const ForecastStage& stage,
                                         size_t index);

// Trains for so many steps, or until a signal asks it to stop. Sets the loss of
// the last minibatch.
absl::StatusOr<TrainedMember> TrainMember(const ForecastRun& run,
                                          const ForecastStage& stage,
                                          size_t index, int steps,
                                          double* loss);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_FORECAST_MEMBER_TRAINING_H_
