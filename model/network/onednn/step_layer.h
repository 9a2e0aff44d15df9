// One layer in one direction, ready to advance any number of rows by one step:
// a primitive per batch size, all working on the same fixed buffers.
//
// The caller fills input, h and c for rows 0 to n - 1, calls Run(n) and reads
// next_h and next_c. One thread at a time. The constructor throws dnnl::error;
// Run does not throw.
#ifndef RECUR_MODEL_NETWORK_ONEDNN_STEP_LAYER_H_
#define RECUR_MODEL_NETWORK_ONEDNN_STEP_LAYER_H_

#include <vector>

#include "absl/status/status.h"
#include "model/network/onednn/cell_primitive.h"
#include "model/network/onednn/recurrent_weights.h"

namespace recur {

// Gets the weights in the layouts that batches of 1 to max_rows want, and
// leaves the primitives in oneDNN's cache. `shape.rows` is not looked at.
void WarmStepLayer(const dnnl::engine& engine, const dnnl::stream& stream,
                   CellShape shape, int max_rows, RecurrentWeights* weights);

class StepLayer {
 public:
  // Weights must have been warmed for `max_rows` on a thread with as many
  // OpenMP threads. `input` is the buffer to read from, [max_rows,
  // input_size], or null for one of its own. Weights and input must outlive
  // the layer.
  StepLayer(const dnnl::engine& engine, const CellShape& shape, int max_rows,
            const RecurrentWeights& weights, float* input);

  // Moving it keeps its buffers where they are.
  StepLayer(StepLayer&&) = default;

  float* input() const { return input_; }  // [rows, input_size]
  float* h() { return h_.data(); }         // [rows, hidden_size]
  float* c() { return c_.data(); }         // LSTM only
  float* next_h() { return next_h_.data(); }
  float* next_c() { return next_c_.data(); }
  // next_h once more: what the layer above reads.
  float* output() { return output_.data(); }

  // INTERNAL if oneDNN fails.
  absl::Status Run(const dnnl::stream& stream, int rows) const;

 private:
  struct Plan {
    dnnl::primitive primitive;
    std::vector<dnnl::memory> memories;
    std::vector<dnnl_exec_arg_t> arguments;
  };

  Plan MakePlan(const dnnl::engine& engine, const dnnl::primitive_desc& desc,
                const RecurrentWeights& weights);

  std::vector<float> own_input_;
  float* input_;
  std::vector<float> h_, c_, next_h_, next_c_, output_;
  dnnl::memory scratchpad_;  // the largest that any plan asks for
  std::vector<Plan> plans_;  // [rows - 1]
};

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_ONEDNN_STEP_LAYER_H_
