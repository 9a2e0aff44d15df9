// A trained model as the start of another's training: what it has learnt of
// sequences and words is kept, its head is not.
#ifndef RECUR_MODEL_TRAIN_LEARNING_TRANSFER_H_
#define RECUR_MODEL_TRAIN_LEARNING_TRANSFER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/spec/model_spec.h"

namespace recur {

// What was taken over.
struct Transfer {
  int tensors = 0;  // of the recurrent layers
  int left = 0;     // others of theirs, which are of another shape
  int tokens = 0;   // vectors of the embedding

  // "12 tensors and 34 of 56 words": for people.
  std::string Text(const std::vector<std::string>& vocabulary) const;
};

// Overwrites in *weights, those that training would begin with, the tensors of
// the recurrent layers that `from` has in the same shape, and the embedding of
// each token that both vocabularies have (and of the unknown one). Layers read
// by a wider input begin anew there and keep what they do with their own state.
// `weights` belong to `network`, and `vocabulary` is as in Model.
//
// INVALID_ARGUMENT naming what differs if the recurrent layers cannot be the
// same: cell, hidden size, layers, direction, embedding size, or one reads
// tokens and the other does not.
absl::StatusOr<Transfer> ReuseWeights(
    const Model& from, const NetworkSpec& network,
    const std::vector<std::string>& vocabulary, Weights* weights);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_LEARNING_TRANSFER_H_
