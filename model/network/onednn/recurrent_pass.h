// Training's forward and backward pass of one layer in one direction over a
// minibatch of one shape: the primitives and all buffers between them. Time
// runs from index 0; for a backward direction the caller hands in reversed
// sequences. The functions throw dnnl::error.
#ifndef RECUR_MODEL_NETWORK_ONEDNN_RECURRENT_PASS_H_
#define RECUR_MODEL_NETWORK_ONEDNN_RECURRENT_PASS_H_

#include <unordered_map>

#include "absl/types/span.h"
#include "model/network/onednn/cell_primitive.h"
#include "model/network/onednn/execution.h"
#include "model/network/onednn/recurrent_weights.h"

namespace recur {

// Dense, as in WeightShapes.
struct RecurrentGradients {
  absl::Span<float> input;
  absl::Span<float> hidden;
  absl::Span<float> bias;
};

class RecurrentPass {
 public:
  RecurrentPass(const dnnl::engine& engine, const CellShape& shape);

  // [steps, rows, input_size]: all to be finite before Forward and left alone
  // until after Backward, which reads it again.
  float* inputs() const { return Data(DNNL_ARG_SRC_LAYER); }

  // Sets outputs() [steps, rows, hidden_size] from a zero state.
  void Forward(Execution* execution, RecurrentWeights* weights);
  const float* outputs() const { return Data(DNNL_ARG_DST_LAYER); }

  // The loss by outputs(): to be written before Backward.
  float* d_outputs() const { return Data(DNNL_ARG_DIFF_DST_LAYER); }

  // Sets d_inputs() and overwrites the gradients.
  void Backward(Execution* execution, RecurrentWeights* weights,
                const RecurrentGradients& gradients);
  float* d_inputs() const { return Data(DNNL_ARG_DIFF_SRC_LAYER); }

 private:
  using Arguments = std::unordered_map<int, dnnl::memory>;

  float* Data(int argument) const;
  void Allocate(const dnnl::primitive_desc& primitive, int argument);

  dnnl::engine engine_;
  dnnl::primitive_desc forward_desc_;
  dnnl::primitive_desc backward_desc_;
  dnnl::primitive forward_;
  dnnl::primitive backward_;
  Arguments buffers_;
};

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_ONEDNN_RECURRENT_PASS_H_
