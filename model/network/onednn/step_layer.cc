#include "model/network/onednn/step_layer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/network/onednn/bfloat16.h"
#include "oneapi/dnnl/dnnl_debug.h"

namespace recur {
namespace {

const dnnl::memory& Packed(const WeightCopies& copies,
                           const dnnl::memory::desc& layout) {
  const dnnl::memory* found = copies.Find(layout);
  if (found == nullptr) {
    throw dnnl::error(dnnl_runtime_error, "weights are not packed this way");
  }
  return *found;
}

std::vector<dnnl::primitive_desc> Describe(const dnnl::engine& engine,
                                           CellShape shape, int max_rows) {
  std::vector<dnnl::primitive_desc> descs;
  for (shape.rows = 1; shape.rows <= max_rows; ++shape.rows) {
    descs.push_back(InferencePrimitive(engine, shape));
  }
  return descs;
}

}  // namespace

void WarmStepLayer(const dnnl::engine& engine, const dnnl::stream& stream,
                   CellShape shape, int max_rows, RecurrentWeights* weights) {
  for (const dnnl::primitive_desc& desc : Describe(engine, shape, max_rows)) {
    const dnnl::primitive primitive(desc);
    weights->input.Get(ArgumentDesc(desc, DNNL_ARG_WEIGHTS_LAYER), stream);
    weights->hidden.Get(ArgumentDesc(desc, DNNL_ARG_WEIGHTS_ITER), stream);
  }
}

// oneDNN aligns its memory to cache lines, which its kernels like.
StepLayer::Buffer StepLayer::MakeBuffer(const dnnl::engine& engine,
                                        const dnnl::primitive_desc& largest,
                                        int argument, int64_t width) {
  const auto desc = ArgumentDesc(largest, argument);
  dnnl::memory memory(desc, engine);
  void* data = memory.get_data_handle();
  return {std::move(memory), data, width,
          desc.data_type() == dnnl::memory::data_type::bf16};
}

void StepLayer::Buffer::Write(int row, const float* from) const {
  if (narrow) {
    ToBfloat16(from, width, static_cast<Bfloat16*>(data) + row * width);
  } else {
    std::copy_n(from, width, static_cast<float*>(data) + row * width);
  }
}

void StepLayer::Buffer::Read(int row, float* to) const {
  if (narrow) {
    FromBfloat16(static_cast<const Bfloat16*>(data) + row * width, width, to);
  } else {
    std::copy_n(static_cast<const float*>(data) + row * width, width, to);
  }
}

StepLayer::StepLayer(const dnnl::engine& engine, const CellShape& shape,
                     int max_rows, const RecurrentWeights& weights,
                     const StepLayer* below) {
  const auto descs = Describe(engine, shape, max_rows);
  const auto make = [&](int argument, int width) {
    return MakeBuffer(engine, descs.back(), argument, width);
  };
  const int hidden = shape.hidden_size;
  input_ = below == nullptr ? make(DNNL_ARG_SRC_LAYER, shape.input_size)
                            : below->output_;
  h_ = make(DNNL_ARG_SRC_ITER, hidden);
  next_h_ = make(DNNL_ARG_DST_ITER, hidden);
  output_ = make(DNNL_ARG_DST_LAYER, hidden);
  if (shape.cell.kind == CellKind::kLstm) {
    c_ = make(DNNL_ARG_SRC_ITER_C, hidden);
    next_c_ = make(DNNL_ARG_DST_ITER_C, hidden);
  }
  dnnl::memory::desc largest;
  for (const dnnl::primitive_desc& desc : descs) {
    const auto scratchpad = ArgumentDesc(desc, DNNL_ARG_SCRATCHPAD);
    if (scratchpad.get_size() > largest.get_size()) largest = scratchpad;
  }
  scratchpad_ = dnnl::memory(largest, engine);
  for (const dnnl::primitive_desc& desc : descs) {
    plans_.push_back(MakePlan(engine, desc, weights));
  }
}

StepLayer::Plan StepLayer::MakePlan(const dnnl::engine& engine,
                                    const dnnl::primitive_desc& desc,
                                    const RecurrentWeights& weights) {
  Plan plan{dnnl::primitive(desc), {}, {}};
  const auto add = [&](int argument, dnnl::memory memory) {
    plan.arguments.push_back({argument, memory.get()});
    plan.memories.push_back(std::move(memory));
  };
  const auto bind = [&](int argument, const dnnl::memory& memory) {
    add(argument, dnnl::memory(ArgumentDesc(desc, argument), engine,
                               memory.get_data_handle()));
  };
  bind(DNNL_ARG_SRC_LAYER, input_.memory);
  bind(DNNL_ARG_SRC_ITER, h_.memory);
  bind(DNNL_ARG_DST_LAYER, output_.memory);
  bind(DNNL_ARG_DST_ITER, next_h_.memory);
  if (c_.data != nullptr) {
    bind(DNNL_ARG_SRC_ITER_C, c_.memory);
    bind(DNNL_ARG_DST_ITER_C, next_c_.memory);
  }
  bind(DNNL_ARG_SCRATCHPAD, scratchpad_);
  for (int argument : {DNNL_ARG_WEIGHTS_LAYER, DNNL_ARG_WEIGHTS_ITER}) {
    add(argument, Packed(argument == DNNL_ARG_WEIGHTS_LAYER ? weights.input
                                                            : weights.hidden,
                         ArgumentDesc(desc, argument)));
  }
  add(DNNL_ARG_BIAS, weights.bias);
  return plan;
}

void StepLayer::SetInput(int row, const float* input) const {
  input_.Write(row, input);
}

const float* StepLayer::SetState(int row, const float* state) const {
  h_.Write(row, state);
  state += h_.width;
  if (c_.data == nullptr) return state;
  c_.Write(row, state);
  return state + c_.width;
}

float* StepLayer::GetNextState(int row, float* state) const {
  next_h_.Read(row, state);
  state += next_h_.width;
  if (next_c_.data == nullptr) return state;
  next_c_.Read(row, state);
  return state + next_c_.width;
}

void StepLayer::GetNextH(int row, float* h) const { next_h_.Read(row, h); }

void StepLayer::ClearStates(int rows) const {
  std::memset(h_.data, 0, h_.bytes(rows));
  if (c_.data != nullptr) std::memset(c_.data, 0, c_.bytes(rows));
}

void StepLayer::KeepNextStates(int rows) const {
  std::memcpy(h_.data, next_h_.data, h_.bytes(rows));
  if (c_.data != nullptr) std::memcpy(c_.data, next_c_.data, c_.bytes(rows));
}

// The C interface: the C++ one would build a list of arguments anew.
absl::Status StepLayer::Run(const dnnl::stream& stream, int rows) const {
  const Plan& plan = plans_[rows - 1];
  const dnnl_status_t status = dnnl_primitive_execute(
      plan.primitive.get(), stream.get(),
      static_cast<int>(plan.arguments.size()), plan.arguments.data());
  if (status == dnnl_success) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("oneDNN could not run a step: ", dnnl_status2str(status)));
}

}  // namespace recur
