// Trains a classifier on the training examples.
#ifndef RECUR_MODEL_TRAIN_CLASSIFY_TRAINER_H_
#define RECUR_MODEL_TRAIN_CLASSIFY_TRAINER_H_

#include <vector>

#include "absl/status/statusor.h"
#include "model/spec/model_spec.h"
#include "model/train/classify_data.h"
#include "model/train/classify_examples.h"
#include "model/train/classify_plan.h"
#include "model/train/progress.h"
#include "model/train/training_options.h"

namespace recur {

struct ClassifyTraining {
  Model model;
  int steps = 0;                 // updates of the final model
  int searched_steps = 0;        // updates spent on finding that number
  double loss = 0.0;             // of the last minibatch
  double validation_loss = 0.0;  // mean cross entropy; NaN without validation
};

// Goes through the shuffled examples again and again, at most max_epochs
// times. After every pass (at least every 8 updates) the averaged weights
// answer for the validation part; after `patience` looks without a lower cross
// entropy, but not before 200 updates, it stops and trains afresh on all
// training examples for as many passes. `examples` are all of the data's,
// encoded. The same arguments give the same weights, bit for bit, on the same
// machine.
//
// Runs on the calling thread, which must have called UseOneThreadPerCall().
absl::StatusOr<ClassifyTraining> TrainClassifier(
    const ClassifyData& data, const ClassifyPlan& plan,
    const std::vector<ClassifyExample>& examples,
    const TrainingOptions& options, int max_epochs, Progress* progress);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_CLASSIFY_TRAINER_H_
