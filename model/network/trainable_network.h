// A network with gradients, for model/train. It works on minibatches of
// whole sequences from a zero state (backpropagation through time).
//
//   network->Forward(batch, dropout, &outputs);
//   ... loss: d_outputs = d loss / d outputs ...
//   network->Backward(d_outputs, &gradients);
//   network->SetWeights(updated);
//
// One thread at a time; give each thread a network of its own.
#ifndef RECUR_MODEL_NETWORK_TRAINABLE_NETWORK_H_
#define RECUR_MODEL_NETWORK_TRAINABLE_NETWORK_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "model/spec/network_spec.h"
#include "model/spec/tensor.h"

namespace recur {

// Where the head is evaluated: after the observation at `step` (0-based) of
// sequence `row`. In a bidirectional network step is ignored: the head sees
// the whole sequence.
struct HeadPoint {
  int step;
  int row;
};

// Sequences are left-aligned; what lies beyond a row's length is ignored.
struct SequenceBatch {
  int steps = 0;  // longest length
  int rows = 0;
  std::vector<int> lengths;     // [rows], 1 to steps
  std::vector<float> inputs;    // [steps, rows, input_size], finite
  std::vector<int32_t> tokens;  // [steps, rows] instead, with an embedding
  std::vector<HeadPoint> points;
  std::vector<float> future;  // [points, horizon, future_size]
};

// Inverted dropout on what enters each layer above the first, on the head's
// input and on the decoder's hidden layer. Rate 0 turns it off. The masks
// follow from the seed and the shapes alone.
struct Dropout {
  float rate = 0.0f;
  uint64_t seed = 0;
};

// What the inputs of a batch had to do with its outputs.
struct InputGradients {
  // [steps, rows, input_size], or by the tokens' embeddings [steps, rows,
  // embedding_size]; 0 beyond a row's length.
  std::vector<float> inputs;
  std::vector<float> future;  // [points, horizon, future_size]
};

class TrainableNetwork {
 public:
  virtual ~TrainableNetwork() = default;

  virtual const NetworkSpec& spec() const = 0;

  // Replaces the weights; names and shapes as WeightShapes(spec).
  virtual absl::Status SetWeights(const Weights& weights) = 0;

  // Writes [points, OutputSize] before the last nonlinearity: logits for
  // softmax and sigmoid, scaled values for forecasts. Keeps what Backward
  // needs.
  virtual absl::Status Forward(const SequenceBatch& batch,
                               const Dropout& dropout,
                               std::vector<float>* outputs) = 0;

  // Gradients of the batch given to the last Forward, from those of its
  // outputs [points, OutputSize]. Overwrites *gradients with every weight.
  virtual absl::Status Backward(absl::Span<const float> d_outputs,
                                Weights* gradients) = 0;

  // The same by the inputs instead of the weights. Not for every minibatch:
  // it takes a Backward and a little more.
  virtual absl::Status BackwardToInputs(absl::Span<const float> d_outputs,
                                        InputGradients* gradients) = 0;
};

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_TRAINABLE_NETWORK_H_
