#include "server/rpc/encode_model.h"

#include <algorithm>
#include <string>

#include "model/spec/network_spec.h"
#include "model/spec/tensor.h"
#include "server/rpc/rpc_status.h"
#include "server/rpc/wire_text.h"

namespace recur {
namespace {

v1::ModelState EncodeState(ModelState state) {
  switch (state) {
    case ModelState::kLoading:
      return v1::MODEL_STATE_LOADING;
    case ModelState::kReady:
      return v1::MODEL_STATE_READY;
    case ModelState::kRetiring:
      return v1::MODEL_STATE_RETIRING;
    case ModelState::kFailed:
      return v1::MODEL_STATE_FAILED;
  }
  return v1::MODEL_STATE_UNSPECIFIED;
}

void EncodeInputs(const FeatureSpec& features, v1::Model* out) {
  for (size_t i = 0; i < features.columns.size(); ++i) {
    const Column& column = features.columns[i];
    v1::Input* input = out->add_inputs();
    input->set_name(column.name);
    input->set_may_be_missing(column.may_be_missing);
    input->set_known_ahead(column.known_ahead);
    input->set_target(std::find(features.targets.begin(),
                                features.targets.end(),
                                static_cast<int>(i)) != features.targets.end());
    input->mutable_categories()->Add(column.category_names.begin(),
                                     column.category_names.end());
  }
}

void EncodeSpec(const ModelSpec& spec, v1::Model* out) {
  out->set_task(std::string(TaskName(spec.task)));
  out->set_cell(CellName(spec.network.cell));
  out->set_hidden_size(spec.network.hidden_size);
  out->set_layers(spec.network.layers);
  out->set_bidirectional(spec.network.bidirectional);
  out->set_takes_text(spec.takes_text);
  EncodeInputs(spec.features, out);
  out->mutable_labels()->Add(spec.labels.begin(), spec.labels.end());
  if (spec.task == Task::kForecast) {
    out->set_horizon(spec.network.horizon);
    out->mutable_quantile_levels()->Add(spec.quantiles.begin(),
                                        spec.quantiles.end());
    out->set_point_kind(PointKindOf(spec) == PointKind::kMedian
                            ? v1::POINT_KIND_MEDIAN
                            : v1::POINT_KIND_MEAN);
  }
  out->set_interval_us(spec.features.interval.count());
  out->set_needs_time(spec.features.calendar.Any());
  out->set_description(spec.description);
  uint64_t parameters = 0;
  for (const TensorShape& shape : WeightShapes(spec.network)) {
    parameters += ElementCount(shape.dims);
  }
  out->set_parameters(parameters);
}

}  // namespace

void EncodeModel(const ModelStatus& status, v1::Model* out) {
  out->set_name(status.name);
  out->set_version(status.version);
  out->set_state(EncodeState(status.state));
  out->set_error(WireText(status.error, kMaxErrorMessageBytes));
  out->set_latest(status.latest);
  if (status.servable == nullptr) return;
  const Servable& model = *status.servable;
  EncodeSpec(model.spec, out);
  out->set_state_bytes(InitialState(model).bytes());
  out->set_fingerprint(model.fingerprint);
  out->set_same_bits_in_any_batch(model.same_bits_in_any_batch);
  out->set_precision(std::string(PrecisionName(model.precision)));
  out->set_precision_note(
      WireText(model.precision_note, kMaxErrorMessageBytes));
  if (model.difference_to_f32.has_value()) {
    out->set_difference_to_f32(*model.difference_to_f32);
  }
  if (model.engine == nullptr) return;
  out->set_weight_bytes(model.engine->bytes());
  out->set_engine(std::string(model.engine->name()));
  out->set_numerics(std::string(model.engine->numerics()));
}

}  // namespace recur
