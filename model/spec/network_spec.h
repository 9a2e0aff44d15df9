// The shape of a network: an optional embedding, stacked recurrent layers and
// a head. From it follow the names and shapes of all weights and the size of
// a sequence's hidden state; nothing else in the tree repeats these rules.
#ifndef RECUR_MODEL_SPEC_NETWORK_SPEC_H_
#define RECUR_MODEL_SPEC_NETWORK_SPEC_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "model/spec/cell.h"
#include "model/spec/tensor.h"

namespace recur {

// What turns the top layer's hidden state into outputs.
//   kSoftmax   outputs [classes], probabilities that sum to 1.
//   kSigmoid   outputs [1], the probability of the second of two labels.
//   kForecast  outputs [horizon, targets, levels] in scaled units. Step k is
//              computed from [h, future features of step k] with weights
//              shared over k:
//                a_k = relu(h Wh + f_k Wf + s_k)           [decoder_size]
//                y_k = a_k Wo + bo + (f_k Ws, one per target, for all levels)
enum class Head { kSoftmax, kSigmoid, kForecast };

// What of the top layer's h, step after step, the head sees as its summary.
//   kLast  the h of the last step; with two directions the last forward h and
//          the backward h of the first step
//   kMean  the mean over all steps so far
//   kMax   of each unit the largest so far
// Class heads only pool: a forecast goes on from the last step.
enum class Pooling { kLast, kMean, kMax };

struct NetworkSpec {
  Cell cell;
  int input_size = 1;  // width of a step's input; unused with an embedding
  int hidden_size = 1;
  int layers = 1;
  bool bidirectional = false;  // whole sequences only
  Pooling pooling = Pooling::kLast;

  int vocabulary_size = 0;  // > 0: a step's input is one token
  int embedding_size = 0;

  Head head = Head::kSoftmax;
  int classes = 0;  // kSoftmax: >= 2; kSigmoid: 1; kForecast: 0

  // kForecast only.
  int horizon = 0;
  int targets = 0;
  int levels = 0;       // quantile levels, or 1 for a mean forecast
  int future_size = 0;  // width of f_k, may be 0
  int decoder_size = 0;

  friend bool operator==(const NetworkSpec&, const NetworkSpec&) = default;
};

// INVALID_ARGUMENT naming the first field that is out of range. Sizes are
// bounded so that no product of two of them overflows 32 bits.
absl::Status ValidateNetworkSpec(const NetworkSpec& spec);

// Width of what enters the first layer: input_size or embedding_size.
int LayerInputSize(const NetworkSpec& spec, int layer);

int DirectionCount(const NetworkSpec& spec);

// Floats of one sequence's hidden state: [layers, h (and c), hidden_size], and
// with kMean or kMax what is pooled so far [hidden_size] and over how many
// steps. Only for networks that step, that is, are not bidirectional.
int HiddenStateSize(const NetworkSpec& spec);

// Width of the head's input: hidden_size, twice that if bidirectional (of the
// forward direction, then of the backward one).
int SummarySize(const NetworkSpec& spec);

// Floats the head writes: classes, or horizon * targets * levels.
int OutputSize(const NetworkSpec& spec);

// Every weight of the network. Layouts are row-major:
//   embedding.weight                  [vocabulary, embedding]
//   layers.L.DIR.weight_input         [layer input, gates, hidden]
//   layers.L.DIR.weight_hidden        [hidden, gates, hidden]
//   layers.L.DIR.bias                 [biases, hidden]
//   head.weight, head.bias            [summary, classes], [classes]
//   decoder.weight_hidden             [summary, decoder]
//   decoder.weight_future             [future, decoder]      if future > 0
//   decoder.step_bias                 [horizon, decoder]
//   decoder.weight_output             [decoder, targets, levels]
//   decoder.bias_output               [targets, levels]
//   decoder.weight_skip               [future, targets]      if future > 0
// with DIR "forward" or "backward" and gate orders as in cell.h.
std::vector<TensorShape> WeightShapes(const NetworkSpec& spec);

// "layers.0.forward." and so on.
std::string LayerPrefix(int layer, int direction);

absl::string_view HeadName(Head head);  // "softmax", "sigmoid", "forecast"
absl::StatusOr<Head> ParseHead(absl::string_view name);

absl::string_view PoolingName(Pooling pooling);  // "last", "mean", "max"
absl::StatusOr<Pooling> ParsePooling(absl::string_view name);

}  // namespace recur

#endif  // RECUR_MODEL_SPEC_NETWORK_SPEC_H_
