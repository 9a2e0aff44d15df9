// What is asked of a model when an answer is to be explained.
#ifndef RECUR_MODEL_TRAIN_EXPLAIN_QUESTION_H_
#define RECUR_MODEL_TRAIN_EXPLAIN_QUESTION_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/features/features.h"
#include "model/servable/servable.h"
#include "model/spec/sequence_state.h"

namespace recur {

// An answer after a sequence, of which nothing is told that is known ahead: the
// last values stand in. The answer as a number is
//   a forecast   the point forecast of a target, in raw units
//   a class      how much more the network says for a label than for the next
//                best (log odds)
struct Question {
  FeatureState before;         // what the features remember from earlier
  std::vector<double> values;  // [steps, columns], raw; of numbers
  std::vector<int64_t> times;  // [steps], or empty
  // [columns] What stands for a value that says nothing: the training mean; of
  // a target with a running scale, which may be of any size, the mean of its
  // own sequence; of categories none of them. Of numbers.
  std::vector<double> baseline;
  std::vector<int32_t> tokens;  // [steps]; of text
  int target = 0;               // of a forecast: counts the targets
  int ahead = 0;                // 1 to horizon; 0: the mean over all
  int label = -1;               // of a class; -1: the most probable
};

// Steps that are worth explaining: 200, or as many as the longest season needs
// up to 1000.
int StepsToExplain(const ModelSpec& spec);

// The question after these observations of one sequence: the last `steps` of
// them, and in `before` what is earlier. A refused observation is
// INVALID_ARGUMENT, and *refused is its index.
absl::StatusOr<Question> QuestionAfter(const Servable& model,
                                       absl::Span<const Observation> seen,
                                       int steps, int* refused);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_EXPLAIN_QUESTION_H_
