// All recurrent layers of a network in training, over minibatches of one
// shape [steps, rows]: the passes, and between them masks, dropout and the
// reversal that bidirectional networks need.
//
// Sequences are left-aligned. What a pass computes beyond a row's length is
// read by nobody and gets a gradient of zero, so padding changes nothing; a
// backward direction runs on a copy whose rows are reversed within their
// lengths, left-aligned as well. Functions throw dnnl::error.
#ifndef RECUR_MODEL_NETWORK_ONEDNN_LAYER_STACK_H_
#define RECUR_MODEL_NETWORK_ONEDNN_LAYER_STACK_H_

#include <cstdint>
#include <deque>
#include <vector>

#include "model/network/onednn/dropout_mask.h"
#include "model/network/onednn/recurrent_pass.h"
#include "model/network/trainable_network.h"
#include "model/spec/network_spec.h"
#include "model/spec/tensor.h"

namespace recur {

class LayerStack {
 public:
  LayerStack(const dnnl::engine& engine, const NetworkSpec& spec, int steps,
             int rows);

  int steps() const { return steps_; }
  int rows() const { return rows_; }

  // Starts a minibatch of these lengths: zeroes all inputs.
  void Start(const std::vector<int>& lengths);

  // What enters the first layer at (step, row): to be written for every step
  // below the row's length, before Forward.
  float* Input(int step, int row);

  // `weights` of layer l and direction d are at l * directions + d.
  void Forward(Execution* execution, const Dropout& dropout,
               std::deque<RecurrentWeights>* weights);

  // Writes the head's input [SummarySize] at a point. Pooled, that takes as
  // long as there are steps before the point.
  void ReadSummary(const HeadPoint& point, float* summary) const;

  // Zeroes, and adds to, the gradients of what ReadSummary gives. Pooled by
  // the maximum, a unit's gradient goes to the first step that has it.
  void StartGradients();
  void AddSummaryGradient(const HeadPoint& point, const float* d_summary);

  // Overwrites the layers' tensors in *gradients, which have their sizes.
  void Backward(Execution* execution, std::deque<RecurrentWeights>* weights,
                Weights* gradients);

  // The loss by Input(step, row), after Backward.
  const float* InputGradient(int step, int row) const;

 private:
  int directions() const { return DirectionCount(spec_); }
  RecurrentPass& Pass(int layer, int direction) {
    return passes_[layer * directions() + direction];
  }
  const RecurrentPass& Pass(int layer, int direction) const {
    return passes_[layer * directions() + direction];
  }
  int64_t Cell(int step, int row) const { return int64_t{step} * rows_ + row; }
  // Where the backward direction has what is at `step` of the row.
  int Mirrored(int step, int row) const { return lengths_[row] - 1 - step; }

  // The steps [first, last] of every direction that a point's summary is of.
  struct Span {
    int first;
    int last;
  };
  Span PooledSteps(const HeadPoint& point) const;
  void AddMaxGradient(int direction, int row, const Span& steps,
                      const float* d_summary);

  void JoinOutputs(int layer);
  void ReverseInputs(int layer);
  void JoinInputGradients(int layer);
  void SplitInputGradients(int layer);
  void BackwardLayer(Execution* execution, int layer,
                     std::deque<RecurrentWeights>* weights, Weights* gradients);

  NetworkSpec spec_;
  int steps_;
  int rows_;
  std::vector<int> lengths_;
  std::deque<RecurrentPass> passes_;  // [layers, directions]
  std::vector<DropoutMask> masks_;    // [layers], over what enters them
};

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_ONEDNN_LAYER_STACK_H_
