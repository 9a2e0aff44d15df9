// One layer in one direction, ready to advance any number of rows by one step:
// a primitive per batch size, all working on the same fixed buffers.
//
// The caller sets the input (of a layer that has no other below) and the state
// of rows 0 to n - 1, calls Run(n) and reads the next states. Values go in and
// out as f32 whatever the layer computes in. One thread at a time. The
// constructor throws dnnl::error; the other functions do not throw.
#ifndef RECUR_MODEL_NETWORK_ONEDNN_STEP_LAYER_H_
#define RECUR_MODEL_NETWORK_ONEDNN_STEP_LAYER_H_

#include <cstdint>
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
  // OpenMP threads, and outlive the layer. With a layer `below` the input is
  // what that one gives; else SetInput's.
  StepLayer(const dnnl::engine& engine, const CellShape& shape, int max_rows,
            const RecurrentWeights& weights, const StepLayer* below);

  // Moving it keeps its buffers where they are.
  StepLayer(StepLayer&&) = default;

  // [input_size]. Of a layer that has none below.
  void SetInput(int row, const float* input) const;

  // A state is [hidden_size] of h, and for LSTM as many of c. Both return the
  // end of what they have read or written.
  const float* SetState(int row, const float* state) const;
  float* GetNextState(int row, float* state) const;

  // Of next h alone.
  void GetNextH(int row, float* h) const;

  // States of zero for rows 0 to rows - 1; their next states for states.
  void ClearStates(int rows) const;
  void KeepNextStates(int rows) const;

  // INTERNAL if oneDNN fails.
  absl::Status Run(const dnnl::stream& stream, int rows) const;

 private:
  struct Plan {
    dnnl::primitive primitive;
    std::vector<dnnl::memory> memories;
    std::vector<dnnl_exec_arg_t> arguments;
  };

  // [rows, width] of the type that the layer computes in, or of f32.
  struct Buffer {
    dnnl::memory memory;
    void* data = nullptr;  // memory's; null: this cell has none
    int64_t width = 0;
    bool narrow = false;  // bfloat16

    void Write(int row, const float* from) const;
    void Read(int row, float* to) const;
    int64_t bytes(int rows) const { return rows * width * (narrow ? 2 : 4); }
  };

  static Buffer MakeBuffer(const dnnl::engine& engine,
                           const dnnl::primitive_desc& largest, int argument,
                           int64_t width);
  Plan MakePlan(const dnnl::engine& engine, const dnnl::primitive_desc& desc,
                const RecurrentWeights& weights);

  Buffer input_;
  Buffer h_, next_h_, output_;  // output: next h once more, for the layer above
  Buffer c_, next_c_;           // LSTM only
  dnnl::memory scratchpad_;     // the largest that any plan asks for
  std::vector<Plan> plans_;     // [rows - 1]
};

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_ONEDNN_STEP_LAYER_H_
