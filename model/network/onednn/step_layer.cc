#include "model/network/onednn/step_layer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
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

StepLayer::StepLayer(const dnnl::engine& engine, const CellShape& shape,
                     int max_rows, const RecurrentWeights& weights,
                     float* input)
    : own_input_(input == nullptr ? max_rows * shape.input_size : 0),
      input_(input == nullptr ? own_input_.data() : input) {
  const size_t state = size_t{1} * max_rows * shape.hidden_size;
  const bool lstm = shape.cell.kind == CellKind::kLstm;
  for (auto* buffer : {&h_, &next_h_, &output_}) buffer->resize(state);
  for (auto* buffer : {&c_, &next_c_}) buffer->resize(lstm ? state : 0);

  const auto descs = Describe(engine, shape, max_rows);
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
  const auto bind = [&](int argument, void* data) {
    add(argument, dnnl::memory(ArgumentDesc(desc, argument), engine, data));
  };
  bind(DNNL_ARG_SRC_LAYER, input_);
  bind(DNNL_ARG_SRC_ITER, h_.data());
  bind(DNNL_ARG_DST_LAYER, output_.data());
  bind(DNNL_ARG_DST_ITER, next_h_.data());
  if (!c_.empty()) {
    bind(DNNL_ARG_SRC_ITER_C, c_.data());
    bind(DNNL_ARG_DST_ITER_C, next_c_.data());
  }
  bind(DNNL_ARG_SCRATCHPAD, scratchpad_.get_data_handle());
  for (int argument : {DNNL_ARG_WEIGHTS_LAYER, DNNL_ARG_WEIGHTS_ITER}) {
    add(argument, Packed(argument == DNNL_ARG_WEIGHTS_LAYER ? weights.input
                                                            : weights.hidden,
                         ArgumentDesc(desc, argument)));
  }
  add(DNNL_ARG_BIAS, weights.bias);
  return plan;
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
