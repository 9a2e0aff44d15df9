// Examples as network inputs, and minibatches of them.
#ifndef RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_EXAMPLES_H_
#define RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_EXAMPLES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/network/trainable_network.h"
#include "model/train/classify/classify_data.h"
#include "model/train/classify/classify_plan.h"
#include "model/train/learning/random.h"

namespace recur {

// Where an example is labelled, and how.
struct LabelledStep {
  int step = 0;  // 0-based
  int truth = 0;

  friend bool operator==(const LabelledStep&, const LabelledStep&) = default;
};

// One example after the features or the tokenizer: what a server computes from
// the raw values before the network.
struct ClassifyExample {
  int steps = 0;                // at least 1
  std::vector<float> inputs;    // [steps, input_size]; empty for text
  std::vector<int32_t> tokens;  // [steps]; empty for sequences
  // The last step, or in ascending order every step that was observed.
  std::vector<LabelledStep> labelled;
};

// The bytes of what a network is shown: equal for equal examples.
absl::string_view ContentOf(const ClassifyExample& example);

// All examples of the data, in order. A text without a word is one unknown
// token. INVALID_ARGUMENT with file and line for a row the features refuse.
absl::StatusOr<std::vector<ClassifyExample>> EncodeExamples(
    const ModelSpec& spec, const std::vector<std::string>& vocabulary,
    const ClassifyData& data);

// Replaces *batch and *targets (class numbers) by the chosen examples with a
// point at each labelled step, changed at random as `augmentation` says.
void MakeBatch(const std::vector<ClassifyExample>& examples,
               absl::Span<const int> chosen, int input_size,
               const Augmentation& augmentation, Random* random,
               SequenceBatch* batch, std::vector<float>* targets);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_EXAMPLES_H_
