// oneDNN's primitives for one layer of cells in one direction, whatever the
// cell. What they compute is written in model/spec/cell.h: oneDNN's gate
// orders and biases are ours, so weights go in as they are.
//
// All plain tensors are dense and row-major; weights are in the layout that
// the primitive likes best (weight_copies.h). Scratchpads are the caller's: a
// primitive then belongs to no thread. The functions throw dnnl::error.
#ifndef RECUR_MODEL_NETWORK_ONEDNN_CELL_PRIMITIVE_H_
#define RECUR_MODEL_NETWORK_ONEDNN_CELL_PRIMITIVE_H_

#include "model/spec/cell.h"
#include "model/spec/precision.h"
#include "oneapi/dnnl/dnnl.hpp"

namespace recur {

struct CellShape {
  Cell cell;
  int steps = 1;
  int rows = 1;
  int input_size = 1;
  int hidden_size = 1;
  Precision precision = Precision::kF32;  // of inference; training is in f32
};

// Inference: [steps, rows] from a given state to the next one. Arguments:
// SRC_LAYER, SRC_ITER (and SRC_ITER_C for LSTM), WEIGHTS_LAYER, WEIGHTS_ITER,
// BIAS, DST_LAYER, DST_ITER (and DST_ITER_C), SCRATCHPAD. In bf16 those are
// bfloat16 except the cell states and BIAS.
dnnl::primitive_desc InferencePrimitive(const dnnl::engine& engine,
                                        const CellShape& shape);

// Training's forward pass: as above without DST_ITER, and with WORKSPACE.
// Zeros must be passed as SRC_ITER: without one oneDNN 2.6 computes wrong
// gradients of the recurrent weights and says nothing.
dnnl::primitive_desc TrainingPrimitive(const dnnl::engine& engine,
                                       const CellShape& shape);

// Its backward pass. Reads all arguments of the forward pass, unchanged, and
// DIFF_DST_LAYER; writes DIFF_SRC_LAYER and DIFF_SRC_ITER(_C); adds to
// DIFF_WEIGHTS_LAYER, DIFF_WEIGHTS_ITER and DIFF_BIAS, which are dense.
dnnl::primitive_desc BackwardPrimitive(const dnnl::engine& engine,
                                       const CellShape& shape,
                                       const dnnl::primitive_desc& forward);

// The layout that `primitive` wants of argument DNNL_ARG_...
dnnl::memory::desc ArgumentDesc(const dnnl::primitive_desc& primitive,
                                int argument);

// Dense dimensions of a layer's weights as oneDNN counts them:
// [layers = 1, directions = 1, input, gates, hidden].
dnnl::memory::dims WeightDims(const Cell& cell, int input_size,
                              int hidden_size);

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_ONEDNN_CELL_PRIMITIVE_H_
