#include "model/network/onednn/cell_primitive.h"

namespace recur {
namespace {

using Desc = dnnl::memory::desc;
using Dims = dnnl::memory::dims;
using Tag = dnnl::memory::format_tag;
using Type = dnnl::memory::data_type;

constexpr dnnl_rnn_direction_t kDirection = dnnl_unidirectional_left2right;

Type TypeOf(Precision precision) {
  return precision == Precision::kBf16 ? Type::bf16 : Type::f32;
}

// Descriptors of one set of arguments; those that a cell or a pass does not
// have stay empty, which is how oneDNN is told so.
struct Descs {
  Desc src_layer, src_iter, src_iter_c;
  Desc weights_layer, weights_iter, bias;
  Desc dst_layer, dst_iter, dst_iter_c;
};

Descs MakeDescs(const CellShape& s, Precision precision, Tag weights_tag,
                bool with_dst_iter) {
  const Dims state = {1, 1, s.rows, s.hidden_size};
  const bool lstm = s.cell.kind == CellKind::kLstm;
  const Type type = TypeOf(precision);
  Descs d;
  d.src_layer = Desc({s.steps, s.rows, s.input_size}, type, Tag::tnc);
  d.src_iter = Desc(state, type, Tag::ldnc);
  d.weights_layer =
      Desc(WeightDims(s.cell, s.input_size, s.hidden_size), type, weights_tag);
  d.weights_iter =
      Desc(WeightDims(s.cell, s.hidden_size, s.hidden_size), type, weights_tag);
  d.bias = Desc({1, 1, BiasCount(s.cell), s.hidden_size}, Type::f32, Tag::ldgo);
  d.dst_layer = Desc({s.steps, s.rows, s.hidden_size}, type, Tag::tnc);
  if (lstm) d.src_iter_c = Desc(state, Type::f32, Tag::ldnc);
  if (with_dst_iter) d.dst_iter = Desc(state, type, Tag::ldnc);
  if (with_dst_iter && lstm) d.dst_iter_c = Desc(state, Type::f32, Tag::ldnc);
  return d;
}

dnnl_alg_kind_t ActivationKind(const Cell& cell) {
  switch (cell.activation) {
    case Activation::kRelu:
      return dnnl_eltwise_relu;
    case Activation::kSigmoid:
      return dnnl_eltwise_logistic;
    case Activation::kTanh:
      break;
  }
  return dnnl_eltwise_tanh;
}

dnnl_status_t InitForward(dnnl_rnn_desc_t* out, dnnl_prop_kind_t kind,
                          const Cell& cell, const Descs& d) {
  const auto* wl = &d.weights_layer.data;
  const auto* wi = &d.weights_iter.data;
  if (cell.kind == CellKind::kRnn) {
    return dnnl_vanilla_rnn_forward_desc_init(
        out, kind, ActivationKind(cell), kDirection, &d.src_layer.data,
        &d.src_iter.data, wl, wi, &d.bias.data, &d.dst_layer.data,
        &d.dst_iter.data, dnnl_rnn_flags_undef, 0.0f, 0.0f);
  }
  if (cell.kind == CellKind::kLstm) {
    return dnnl_lstm_forward_desc_init(
        out, kind, kDirection, &d.src_layer.data, &d.src_iter.data,
        &d.src_iter_c.data, wl, wi, &d.bias.data, &d.dst_layer.data,
        &d.dst_iter.data, &d.dst_iter_c.data, dnnl_rnn_flags_undef);
  }
  const auto init = cell.linear_before_reset ? dnnl_lbr_gru_forward_desc_init
                                             : dnnl_gru_forward_desc_init;
  return init(out, kind, kDirection, &d.src_layer.data, &d.src_iter.data, wl,
              wi, &d.bias.data, &d.dst_layer.data, &d.dst_iter.data,
              dnnl_rnn_flags_undef);
}

dnnl_status_t InitBackward(dnnl_rnn_desc_t* out, const Cell& cell,
                           const Descs& d, const Descs& diff) {
  const auto kind = dnnl_backward;
  const auto* wl = &d.weights_layer.data;
  const auto* wi = &d.weights_iter.data;
  const auto* dwl = &diff.weights_layer.data;
  const auto* dwi = &diff.weights_iter.data;
  if (cell.kind == CellKind::kRnn) {
    return dnnl_vanilla_rnn_backward_desc_init(
        out, kind, ActivationKind(cell), kDirection, &d.src_layer.data,
        &d.src_iter.data, wl, wi, &d.bias.data, &d.dst_layer.data,
        &d.dst_iter.data, &diff.src_layer.data, &diff.src_iter.data, dwl, dwi,
        &diff.bias.data, &diff.dst_layer.data, &diff.dst_iter.data,
        dnnl_rnn_flags_undef, 0.0f, 0.0f);
  }
  if (cell.kind == CellKind::kLstm) {
    return dnnl_lstm_backward_desc_init(
        out, kind, kDirection, &d.src_layer.data, &d.src_iter.data,
        &d.src_iter_c.data, wl, wi, &d.bias.data, &d.dst_layer.data,
        &d.dst_iter.data, &d.dst_iter_c.data, &diff.src_layer.data,
        &diff.src_iter.data, &diff.src_iter_c.data, dwl, dwi, &diff.bias.data,
        &diff.dst_layer.data, &diff.dst_iter.data, &diff.dst_iter_c.data,
        dnnl_rnn_flags_undef);
  }
  const auto init = cell.linear_before_reset ? dnnl_lbr_gru_backward_desc_init
                                             : dnnl_gru_backward_desc_init;
  return init(out, kind, kDirection, &d.src_layer.data, &d.src_iter.data, wl,
              wi, &d.bias.data, &d.dst_layer.data, &d.dst_iter.data,
              &diff.src_layer.data, &diff.src_iter.data, dwl, dwi,
              &diff.bias.data, &diff.dst_layer.data, &diff.dst_iter.data,
              dnnl_rnn_flags_undef);
}

dnnl::primitive_desc Create(const dnnl::engine& engine,
                            const dnnl_rnn_desc_t& rnn,
                            const_dnnl_primitive_desc_t forward) {
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return dnnl::primitive_desc(&rnn, &attr, engine, forward);
}

dnnl::primitive_desc Forward(const dnnl::engine& engine, const CellShape& shape,
                             dnnl_prop_kind_t kind, Precision precision,
                             bool with_dst_iter) {
  dnnl_rnn_desc_t rnn;
  const Descs descs = MakeDescs(shape, precision, Tag::any, with_dst_iter);
  dnnl::error::wrap_c_api(InitForward(&rnn, kind, shape.cell, descs),
                          "could not describe a forward pass");
  return Create(engine, rnn, nullptr);
}

}  // namespace

dnnl::primitive_desc InferencePrimitive(const dnnl::engine& engine,
                                        const CellShape& shape) {
  return Forward(engine, shape, dnnl_forward_inference, shape.precision, true);
}

dnnl::primitive_desc TrainingPrimitive(const dnnl::engine& engine,
                                       const CellShape& shape) {
  return Forward(engine, shape, dnnl_forward_training, Precision::kF32, false);
}

dnnl::primitive_desc BackwardPrimitive(const dnnl::engine& engine,
                                       const CellShape& shape,
                                       const dnnl::primitive_desc& forward) {
  dnnl_rnn_desc_t rnn;
  const Descs descs = MakeDescs(shape, Precision::kF32, Tag::any, false);
  const Descs diff = MakeDescs(shape, Precision::kF32, Tag::ldigo, false);
  dnnl::error::wrap_c_api(InitBackward(&rnn, shape.cell, descs, diff),
                          "could not describe a backward pass");
  return Create(engine, rnn, forward.get());
}

dnnl::memory::desc ArgumentDesc(const dnnl::primitive_desc& primitive,
                                int argument) {
  return primitive.query_md(dnnl::query::exec_arg_md, argument);
}

dnnl::memory::dims WeightDims(const Cell& cell, int input_size,
                              int hidden_size) {
  return {1, 1, input_size, GateCount(cell), hidden_size};
}

}  // namespace recur
