// Layers and heads of a network as plain loops over weights in double. The
// engine runs it on float states, ReferenceNetwork on double ones.
#ifndef RECUR_MODEL_NETWORK_REFERENCE_REFERENCE_CORE_H_
#define RECUR_MODEL_NETWORK_REFERENCE_REFERENCE_CORE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/network/reference/reference_cell.h"
#include "model/spec/network_spec.h"
#include "model/spec/tensor.h"

namespace recur {

// Number is float or double throughout: the type of inputs and states, rounded
// to at every step. Immutable but for MutableWeight; threads may share it, each
// with a scratch of its own.
class ReferenceCore {
 public:
  // The weights must have passed CheckWeights(spec, weights).
  ReferenceCore(const NetworkSpec& spec, const Weights& weights);
  ReferenceCore(const ReferenceCore&) = delete;
  ReferenceCore& operator=(const ReferenceCore&) = delete;

  const NetworkSpec& spec() const { return spec_; }

  // Bytes of the weights.
  int64_t bytes() const;

  // One weight's values, row-major; empty if there is none of that name.
  absl::Span<double> MutableWeight(absl::string_view name);

  // Writes the embedding of a token: [embedding_size].
  template <typename Number>
  void Embed(int32_t token, Number* input) const;

  // Advances one layer's state [h (and c), hidden_size].
  template <typename Number>
  void StepLayer(int layer, int direction, const Number* input, Number* state,
                 CellScratch* scratch) const {
    StepCell(spec_.cell, cells_[layer * DirectionCount(spec_) + direction],
             input, state, scratch);
  }

  // Runs all layers over one whole sequence from a zero state, from what
  // enters the first layer [steps, width] to what leaves the top layer
  // [steps, SummarySize], both directions side by side.
  template <typename Number>
  std::vector<Number> RunLayers(int steps, std::vector<Number> inputs) const;

  // What the head sees of RunLayers' outputs after `step`, pooled, or of the
  // whole sequence if bidirectional: [SummarySize].
  template <typename Number>
  std::vector<Number> Summary(const std::vector<Number>& outputs,
                              int step) const;

  // Writes [OutputSize] before the last nonlinearity. `decoded` is scratch.
  template <typename Number>
  void RunHead(const Number* summary, const float* future, double* outputs,
               std::vector<double>* decoded) const;

 private:
  const double* Weight(absl::string_view name) const;

  template <typename Number>
  void RunDirection(int layer, int direction, int steps,
                    const std::vector<Number>& inputs,
                    std::vector<Number>* outputs) const;

  template <typename Number>
  std::vector<Number> Pooled(const std::vector<Number>& outputs,
                             int steps) const;

  template <typename Number>
  void DecodeStep(const Number* summary, const float* future, int step,
                  double* outputs, std::vector<double>* decoded) const;

  NetworkSpec spec_;
  std::map<std::string, std::vector<double>, std::less<>> weights_;

  // All below point into weights_; null where the network has none.
  std::vector<CellWeights> cells_;  // [layers, directions]
  const double* embedding_;
  const double* head_weight_;
  const double* head_bias_;
  const double* decoder_hidden_;
  const double* decoder_future_;
  const double* decoder_step_bias_;
  const double* decoder_output_;
  const double* decoder_bias_;
  const double* decoder_skip_;
};

// Turns RunHead's outputs of one answer into probabilities, in place; leaves
// a forecast as it is.
void ApplyHeadNonlinearity(Head head, absl::Span<double> outputs);

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_REFERENCE_REFERENCE_CORE_H_
