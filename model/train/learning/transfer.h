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
};

// What begins from a trained model.
struct Beginner {
  NetworkSpec network;
  const std::vector<std::string>& vocabulary;  // as in Model
  int member = 0;  // of those that are merged in the end
  // Those of the inputs of `from` that the network reads; empty: all.
  std::vector<int> inputs;
};

// Moves *weights, those that training would begin with, most of the way to
// those of `from`: the tensors of the recurrent layers that it has in the same
// shape, and the embedding of each token that both vocabularies have (and of
// the unknown one). Of a merged model every member begins from another of its
// members. Layers read by another input begin anew there and keep what they do
// with their own state.
//
// INVALID_ARGUMENT naming what differs if the recurrent layers cannot be the
// same: cell, hidden size, layers, direction, embedding size, or one reads
// tokens and the other does not.
absl::StatusOr<Transfer> ReuseWeights(const Model& from,
                                      const Beginner& beginner,
                                      Weights* weights);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_LEARNING_TRANSFER_H_
