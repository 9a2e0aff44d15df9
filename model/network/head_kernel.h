// A head's weights and its formula (model/spec/network_spec.h) as plain
// loops, one row at a time: sums are taken in the same order whatever else is
// in a batch, so a row has the same bits in any. Immutable, shared by threads.
#ifndef RECUR_MODEL_NETWORK_HEAD_KERNEL_H_
#define RECUR_MODEL_NETWORK_HEAD_KERNEL_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "model/network/engine.h"
#include "model/spec/network_spec.h"
#include "model/spec/tensor.h"

namespace recur {

class HeadKernel {
 public:
  // `weights` has passed CheckWeights.
  HeadKernel(const NetworkSpec& spec, const Weights& weights);

  // Floats of scratch that Run needs.
  int ScratchSize() const;

  // From summary [SummarySize] and future [horizon, future_size] to output
  // [OutputSize]; softmax and sigmoid give probabilities.
  void Run(const float* summary, const float* future, float* scratch,
           float* output) const;

  // Of every row's state, in which its summary stands. INTERNAL if the network
  // is bidirectional: it has no state.
  absl::Status RunRows(absl::Span<const HeadRow> rows, float* scratch) const;

  int64_t bytes() const;

 private:
  void RunClasses(const float* summary, float* output) const;
  void RunDecoder(const float* summary, const float* future, float* scratch,
                  float* output) const;

  NetworkSpec spec_;
  int summary_size_;
  int steps_;  // the horizon, rounded up to whole vectors; kForecast
  // kSoftmax, kSigmoid: head.weight and head.bias; kForecast: the decoder's.
  std::vector<float> weight_hidden_;  // [summary, classes or decoder]
  std::vector<float> step_bias_;      // [classes] or [decoder, steps_]
  std::vector<float> weight_future_;  // [decoder, future]
  std::vector<float> weight_output_;  // [targets, levels, decoder]
  std::vector<float> bias_output_;    // [targets, levels]
  std::vector<float> weight_skip_;    // [targets, future]
};

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_HEAD_KERNEL_H_
