// When to look at the validation part, and when looking further is vain.
#ifndef RECUR_MODEL_TRAIN_LEARNING_EARLY_STOPPING_H_
#define RECUR_MODEL_TRAIN_LEARNING_EARLY_STOPPING_H_

#include <limits>
#include <vector>

#include "model/train/learning/state_archive.h"

namespace recur {

// The updates after which to validate: round(cap * (j / points)^1.5) for j = 1
// to points, those below 8 left out, so that short trainings are seen finely.
// Ends with cap.
std::vector<int> ValidationSteps(int cap, int points = 16);

// Keeps the lowest error and says when it has not fallen for `patience` looks.
class EarlyStopping {
 public:
  // Never says so before `least_steps`: a training may begin with a plateau.
  explicit EarlyStopping(int patience, int least_steps = 0)
      : patience_(patience), least_steps_(least_steps) {}

  // Returns whether this is the best so far.
  bool Add(int step, double error);

  bool ShouldStop() const {
    return since_best_ >= patience_ && last_step_ >= least_steps_;
  }
  void Carry(StateArchive& archive) {
    archive(last_step_, since_best_, best_step_, best_error_);
  }

  int best_step() const { return best_step_; }
  double best_error() const { return best_error_; }

 private:
  int patience_;
  int least_steps_;
  int last_step_ = 0;
  int since_best_ = 0;
  int best_step_ = 0;
  double best_error_ = std::numeric_limits<double>::infinity();
};

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_LEARNING_EARLY_STOPPING_H_
