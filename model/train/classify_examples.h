// Examples as network inputs, minibatches of them, and what a model says about
// them.
#ifndef RECUR_MODEL_TRAIN_CLASSIFY_EXAMPLES_H_
#define RECUR_MODEL_TRAIN_CLASSIFY_EXAMPLES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/network/trainable_network.h"
#include "model/servable/servable.h"
#include "model/spec/answer.h"
#include "model/train/classify_data.h"
#include "model/train/classify_plan.h"
#include "model/train/random.h"

namespace recur {

// One example after the features or the tokenizer: what a server computes from
// the raw values before the network.
struct ClassifyExample {
  int steps = 0;                // at least 1
  std::vector<float> inputs;    // [steps, input_size]; empty for text
  std::vector<int32_t> tokens;  // [steps]; empty for sequences
  int truth = 0;
};

// All examples of the data, in order. A text without a word is one unknown
// token. INVALID_ARGUMENT with file and line for a row the features refuse.
absl::StatusOr<std::vector<ClassifyExample>> EncodeExamples(
    const ModelSpec& spec, const std::vector<std::string>& vocabulary,
    const ClassifyData& data);

// Replaces *batch and *targets (class numbers) by the chosen examples; each
// token becomes the unknown one with a chance of word_dropout.
void MakeBatch(const std::vector<ClassifyExample>& examples,
               absl::Span<const int> chosen, int input_size,
               double word_dropout, Random* random, SequenceBatch* batch,
               std::vector<float>* targets);

// The answers of the served model for the chosen examples.
absl::StatusOr<std::vector<Classification>> ClassifyExamples(
    const Servable& model, const std::vector<ClassifyExample>& examples,
    absl::Span<const int> chosen);

// The most probable class.
int TopClass(const Classification& answer);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_CLASSIFY_EXAMPLES_H_
