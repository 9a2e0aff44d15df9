// What forecasters and classifiers have in common in training.
#ifndef RECUR_MODEL_TRAIN_TRAINING_OPTIONS_H_
#define RECUR_MODEL_TRAIN_TRAINING_OPTIONS_H_

#include <cstdint>

#include "model/train/optimizer.h"

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
};

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_TRAINING_OPTIONS_H_
