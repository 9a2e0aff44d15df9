// Trains a classifier on the training examples.
#ifndef RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_TRAINER_H_
#define RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_TRAINER_H_

#include <vector>

#include "absl/status/statusor.h"
#include "model/spec/model_spec.h"
#include "model/train/classify/classify_data.h"
#include "model/train/classify/classify_examples.h"
#include "model/train/classify/classify_plan.h"
#include "model/train/learning/training_options.h"
#include "model/train/report/progress.h"
#include "model/train/report/report.h"

namespace recur {

struct ClassifyTraining {
  Model model;
  int steps = 0;                 // updates of each member of the final model
  int searched_steps = 0;        // updates spent on finding that number
  double loss = 0.0;             // of the last minibatch
  double validation_loss = 0.0;  // mean cross entropy; NaN without validation
  std::vector<LearningCurve> curves;
  std::vector<Trial> trials;  // a search each
};

// Goes through the shuffled examples again and again, at most max_epochs times;
// 0: a hundred times, or as often as makes 1500 updates.
//
// First it searches for how long, with each pooling of the plan, and takes the
// best one. plan.holdouts networks, each with another
// part of the examples held back, learn side by side; after every pass (at
// least every 8 updates) the averaged weights of each answer for its validation
// part. After `patience` looks without a lower mean cross entropy, but not
// before 200 updates, it stops.
//
// Then plan.members networks, which differ in their seeds, are trained afresh
// on all training examples for as many passes, and merged into one
// (merge_members.h). Without refit the networks of the search are merged as
// they were at their best.
//
// `examples` are all of the data's, encoded. The same arguments give the same
// weights, bit for bit, on the same machine.
//
// Runs on the calling thread, which must have called UseOneThreadPerCall().
absl::StatusOr<ClassifyTraining> TrainClassifier(
    const ClassifyData& data, const ClassifyPlan& plan,
    const std::vector<ClassifyExample>& examples,
    const TrainingOptions& options, int max_epochs, Progress* progress);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_TRAINER_H_
