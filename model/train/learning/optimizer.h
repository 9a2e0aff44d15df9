// How gradients move weights.
//
//   kAdam     Adam with bias correction (Kingma and Ba 2015) and decoupled
//             weight decay (AdamW, Loshchilov and Hutter 2019):
//               m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2
//               w -= rate * (m / (1 - b1^n) / (sqrt(v / (1 - b2^n)) + epsilon)
//                            + decay * w)
//   kRmsprop  v = decay_rate v + (1 - decay_rate) g^2
//             w -= rate * (g / (sqrt(v) + epsilon) + decay * w)
//             (Tieleman and Hinton 2012)
//   kSgd      u = momentum u + g;  w -= rate * (u + decay * w)
//
// Weight decay and L2 leave biases alone (tensors with "bias" in their name).
//
// The rate grows evenly during the warm-up, and then follows the schedule:
//   kConstant  stays
//   kCosine    rate * (1 + cos(pi n / schedule_steps)) / 2 (Loshchilov and
//              Hutter 2017, without restarts): 0 in the end
//   kStep      a tenth after each third of schedule_steps
#ifndef RECUR_MODEL_TRAIN_LEARNING_OPTIMIZER_H_
#define RECUR_MODEL_TRAIN_LEARNING_OPTIMIZER_H_

#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/spec/tensor.h"

namespace recur {

enum class OptimizerKind { kAdam, kRmsprop, kSgd };
enum class Schedule { kConstant, kCosine, kStep };

struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::kAdam;
  double learning_rate = 4e-3;
  double beta1 = 0.9;       // kAdam
  double beta2 = 0.99;      // kAdam
  double decay_rate = 0.9;  // kRmsprop
  double momentum = 0.9;    // kSgd
  double epsilon = 1e-8;    // kAdam, kRmsprop
  double weight_decay = 1e-4;
  double l2 = 0.0;         // adds l2 * w to the gradient
  double clip_norm = 1.0;  // of all gradients together; 0: not clipped
  int warm_up_steps = 20;  // the rate grows evenly up to the full one
  Schedule schedule = Schedule::kConstant;
  int64_t schedule_steps =
      0;  // that kCosine and kStep spread over; 0: constant
};

absl::string_view OptimizerName(
    OptimizerKind kind);  // "adam", "rmsprop", "sgd"
absl::StatusOr<OptimizerKind> ParseOptimizerKind(absl::string_view name);

absl::string_view ScheduleName(Schedule schedule);  // "constant", "cosine",
                                                    // "step"
absl::StatusOr<Schedule> ParseSchedule(absl::string_view name);

// INVALID_ARGUMENT naming the first option that is out of range.
absl::Status ValidateOptimizer(const OptimizerOptions& options);

// The root of the sum of squares of all values.
double GlobalNorm(const Weights& values);

// Scales all values so that their global norm is at most `limit`. Returns the
// norm before. A limit of 0 does nothing.
double ClipGlobalNorm(double limit, Weights* values);

// What an optimizer remembers of each weight: running means of the gradients
// and of their squares, as far as its rule needs them.
struct OptimizerState {
  int64_t updates = 0;
  Weights first;
  Weights second;
};

// One thread at a time.
class Optimizer {
 public:
  explicit Optimizer(const OptimizerOptions& options) : options_(options) {}

  // Adds L2 to the gradients, clips them and moves the weights; both hold the
  // same tensors in every call. Changes *gradients. Returns their global norm
  // before it was clipped; if that is not finite, nothing has moved.
  double Update(Weights* gradients, Weights* weights);

  int64_t updates() const { return state_.updates; }
  // The rate of update n, counted from 1.
  double LearningRate(int64_t n) const;

  // To go on where another one with the same options was.
  const OptimizerState& state() const { return state_; }
  void set_state(OptimizerState state) { state_ = std::move(state); }

 private:
  OptimizerOptions options_;
  OptimizerState state_;
};

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_LEARNING_OPTIMIZER_H_
