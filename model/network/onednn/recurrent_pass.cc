#include "model/network/onednn/recurrent_pass.h"

#include <algorithm>
#include <cstring>

namespace recur {

RecurrentPass::RecurrentPass(const dnnl::engine& engine, const CellShape& shape)
    : engine_(engine),
      forward_desc_(TrainingPrimitive(engine, shape)),
      backward_desc_(BackwardPrimitive(engine, shape, forward_desc_)),
      forward_(forward_desc_),
      backward_(backward_desc_) {
  const bool lstm = shape.cell.kind == CellKind::kLstm;
  for (int argument : {DNNL_ARG_SRC_LAYER, DNNL_ARG_SRC_ITER,
                       DNNL_ARG_DST_LAYER, DNNL_ARG_WORKSPACE}) {
    Allocate(forward_desc_, argument);
  }
  for (int argument : {DNNL_ARG_DIFF_SRC_LAYER, DNNL_ARG_DIFF_SRC_ITER,
                       DNNL_ARG_DIFF_DST_LAYER}) {
    Allocate(backward_desc_, argument);
  }
  if (lstm) {
    Allocate(forward_desc_, DNNL_ARG_SRC_ITER_C);
    Allocate(backward_desc_, DNNL_ARG_DIFF_SRC_ITER_C);
  }
}

// Zeroed: src_iter stays that way, and nothing is ever read uninitialised.
void RecurrentPass::Allocate(const dnnl::primitive_desc& primitive,
                             int argument) {
  const dnnl::memory memory(ArgumentDesc(primitive, argument), engine_);
  std::memset(memory.get_data_handle(), 0, memory.get_desc().get_size());
  buffers_.emplace(argument, memory);
}

float* RecurrentPass::Data(int argument) const {
  return static_cast<float*>(buffers_.at(argument).get_data_handle());
}

void RecurrentPass::Forward(Execution* execution, RecurrentWeights* weights) {
  Arguments arguments = buffers_;
  for (int unused : {DNNL_ARG_DIFF_SRC_LAYER, DNNL_ARG_DIFF_SRC_ITER,
                     DNNL_ARG_DIFF_SRC_ITER_C, DNNL_ARG_DIFF_DST_LAYER}) {
    arguments.erase(unused);
  }
  const auto layout = [&](int argument) {
    return ArgumentDesc(forward_desc_, argument);
  };
  arguments[DNNL_ARG_WEIGHTS_LAYER] =
      weights->input.Get(layout(DNNL_ARG_WEIGHTS_LAYER), execution->stream());
  arguments[DNNL_ARG_WEIGHTS_ITER] =
      weights->hidden.Get(layout(DNNL_ARG_WEIGHTS_ITER), execution->stream());
  arguments[DNNL_ARG_BIAS] = weights->bias;
  arguments[DNNL_ARG_SCRATCHPAD] =
      execution->Scratchpad(layout(DNNL_ARG_SCRATCHPAD));
  forward_.execute(execution->stream(), arguments);
}

void RecurrentPass::Backward(Execution* execution, RecurrentWeights* weights,
                             const RecurrentGradients& gradients) {
  Arguments arguments = buffers_;
  const auto layout = [&](int argument) {
    return ArgumentDesc(backward_desc_, argument);
  };
  // oneDNN adds to these three.
  const auto gradient = [&](int argument, absl::Span<float> values) {
    std::fill(values.begin(), values.end(), 0.0f);
    arguments[argument] =
        dnnl::memory(layout(argument), engine_, values.data());
  };
  gradient(DNNL_ARG_DIFF_WEIGHTS_LAYER, gradients.input);
  gradient(DNNL_ARG_DIFF_WEIGHTS_ITER, gradients.hidden);
  gradient(DNNL_ARG_DIFF_BIAS, gradients.bias);
  arguments[DNNL_ARG_WEIGHTS_LAYER] =
      weights->input.Get(layout(DNNL_ARG_WEIGHTS_LAYER), execution->stream());
  arguments[DNNL_ARG_WEIGHTS_ITER] =
      weights->hidden.Get(layout(DNNL_ARG_WEIGHTS_ITER), execution->stream());
  arguments[DNNL_ARG_BIAS] = weights->bias;
  arguments[DNNL_ARG_SCRATCHPAD] =
      execution->Scratchpad(layout(DNNL_ARG_SCRATCHPAD));
  backward_.execute(execution->stream(), arguments);
}

}  // namespace recur
