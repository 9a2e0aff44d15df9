// What forecasters and classifiers have in common in training.
#ifndef RECUR_MODEL_TRAIN_LEARNING_TRAINING_OPTIONS_H_
#define RECUR_MODEL_TRAIN_LEARNING_TRAINING_OPTIONS_H_

#include <cstdint>

#include "model/spec/model_spec.h"
#include "model/train/learning/optimizer.h"
#include "model/train/learning/training_checkpoint.h"

namespace recur {

struct TrainingOptions {
  OptimizerOptions optimizer;
  double dropout = 0.3;
  int batch = 32;  // sequences per update
  // Part of what may be trained on that is held back to choose the number of
  // updates; 0: train up to the limit.
  double validation = 0.15;
  int patience = 4;  // looks at the validation part without gain
  // After choosing, train afresh on all of it, for as long.
  bool refit = true;
  uint64_t seed = 0;
  int threads = 0;  // 0: as many as cores; the weights do not depend on it

  // Not owned; null: none.
  const Model* start = nullptr;  // whose weights to begin from (transfer.h)
  TrainingCheckpoint* checkpoint = nullptr;
};

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_LEARNING_TRAINING_OPTIONS_H_
