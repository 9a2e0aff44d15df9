#include "client/sdk/message_conversion.h"

namespace recur::client {
namespace {

PointKind ToPointKind(v1::PointKind kind) {
  switch (kind) {
    case v1::POINT_KIND_MEDIAN:
      return PointKind::kMedian;
    case v1::POINT_KIND_MEAN:
      return PointKind::kMean;
    default:
      return PointKind::kUnspecified;
  }
}

Durability ToDurability(v1::Durability durability) {
  switch (durability) {
    case v1::DURABILITY_NONE:
      return Durability::kNone;
    case v1::DURABILITY_LOCAL:
      return Durability::kLocal;
    case v1::DURABILITY_SHARED:
      return Durability::kShared;
    default:
      return Durability::kUnspecified;
  }
}

ModelState ToModelState(v1::ModelState state) {
  switch (state) {
    case v1::MODEL_STATE_LOADING:
      return ModelState::kLoading;
    case v1::MODEL_STATE_READY:
      return ModelState::kReady;
    case v1::MODEL_STATE_RETIRING:
      return ModelState::kRetiring;
    case v1::MODEL_STATE_FAILED:
      return ModelState::kFailed;
    default:
      return ModelState::kUnspecified;
  }
}

}  // namespace

void ToMessage(const Sequence& sequence, v1::Sequence* message) {
  message->mutable_values_f64()->Add(sequence.values.begin(),
                                     sequence.values.end());
  message->mutable_time_us()->Add(sequence.times_us.begin(),
                                  sequence.times_us.end());
  if (sequence.start_us.has_value()) {
    message->set_start_us(*sequence.start_us);
  }
}

void ToMessage(const ForecastOptions& options, v1::ForecastOptions* message) {
  message->set_horizon(options.horizon);
  message->mutable_quantile_levels()->Add(options.quantile_levels.begin(),
                                          options.quantile_levels.end());
  message->mutable_known()->Add(options.known.begin(), options.known.end());
}

v1::Want ToMessage(Want want) {
  switch (want) {
    case Want::kClass:
      return v1::WANT_CLASS;
    case Want::kForecast:
      return v1::WANT_FORECAST;
    case Want::kAck:
      break;
  }
  return v1::WANT_ACK;
}

v1::ClassifyRequest ToMessage(const ClassifyCall& call) {
  v1::ClassifyRequest message;
  message.set_model(call.model);
  if (call.version.has_value()) message.set_version(*call.version);
  for (const std::string& text : call.texts) {
    message.add_texts()->set_text(text);
  }
  for (const Sequence& sequence : call.sequences) {
    ToMessage(sequence, message.add_sequences());
  }
  message.set_top_k(call.top_k);
  return message;
}

v1::ForecastRequest ToMessage(const ForecastCall& call) {
  v1::ForecastRequest message;
  message.set_model(call.model);
  if (call.version.has_value()) message.set_version(*call.version);
  if (call.session_id.empty()) {
    ToMessage(call.context, message.mutable_context());
  } else {
    message.set_session_id(call.session_id);
  }
  message.set_min_step(call.min_step);
  ToMessage(call.options, message.mutable_options());
  return message;
}

v1::OpenSessionRequest ToMessage(const OpenCall& call) {
  v1::OpenSessionRequest message;
  message.set_model(call.model);
  if (call.version.has_value()) message.set_version(*call.version);
  message.set_session_id(call.session_id);
  message.set_request_id(call.request_id);
  message.set_idle_ttl_seconds(call.idle_ttl.count());
  if (call.start_us.has_value()) message.set_start_us(*call.start_us);
  return message;
}

v1::ObserveRequest ToMessage(const ObserveCall& call) {
  v1::ObserveRequest message;
  message.set_session_id(call.session_id);
  message.set_first_step(call.first_step);
  ToMessage(call.observations, message.mutable_observations());
  message.set_want(ToMessage(call.want));
  message.set_top_k(call.top_k);
  ToMessage(call.forecast, message.mutable_forecast());
  message.set_wait_durable(call.wait_durable);
  return message;
}

Classification FromMessage(const v1::ClassAnswer& message) {
  Classification answer;
  answer.labels.reserve(message.labels_size());
  for (const v1::Label& label : message.labels()) {
    answer.labels.push_back({label.label(), label.probability()});
  }
  return answer;
}

Forecast FromMessage(const v1::ForecastAnswer& message) {
  return {.point = {message.point().begin(), message.point().end()},
          .quantiles = {message.quantiles().begin(), message.quantiles().end()},
          .point_kind = ToPointKind(message.point_kind()),
          .warming_up = message.warming_up(),
          .extrapolated = message.extrapolated(),
          .start_us = message.start_us()};
}

ClassifyResult FromMessage(const v1::ClassifyResponse& message) {
  ClassifyResult result{.model = message.model(), .version = message.version()};
  result.answers.reserve(message.answers_size());
  for (const v1::ClassAnswer& answer : message.answers()) {
    result.answers.push_back(FromMessage(answer));
  }
  return result;
}

ForecastResult FromMessage(const v1::ForecastResponse& message) {
  return {.model = message.model(),
          .version = message.version(),
          .forecast = FromMessage(message.forecast()),
          .targets = {message.targets().begin(), message.targets().end()},
          .quantile_levels = {message.quantile_levels().begin(),
                              message.quantile_levels().end()},
          .horizon = message.horizon(),
          .applied_step = message.applied_step(),
          .durable_step = message.durable_step()};
}

SessionInfo FromMessage(const v1::Session& message) {
  return {.session_id = message.session_id(),
          .model = message.model(),
          .version = message.version(),
          .applied_step = message.applied_step(),
          .durable_step = message.durable_step(),
          .durability = ToDurability(message.durability()),
          .idle_ttl = Seconds(message.idle_ttl_seconds()),
          .expires_in = Seconds(message.expires_in_seconds()),
          .state_bytes = message.state_bytes(),
          .warming_up = message.warming_up(),
          .numerics_changed_from = message.numerics_changed_from()};
}

ObserveResult FromMessage(const v1::ObserveResponse& message) {
  ObserveResult result{.step = message.step(),
                       .applied_step = message.applied_step(),
                       .durable_step = message.durable_step(),
                       .duplicate = message.duplicate(),
                       .model = message.model(),
                       .version = message.version()};
  if (message.has_class_answer()) {
    result.classification = FromMessage(message.class_answer());
  }
  if (message.has_forecast()) result.forecast = FromMessage(message.forecast());
  return result;
}

ModelInfo FromMessage(const v1::Model& message) {
  ModelInfo model{.name = message.name(),
                  .version = message.version(),
                  .latest = message.latest(),
                  .state = ToModelState(message.state()),
                  .error = message.error(),
                  .description = message.description(),
                  .task = message.task(),
                  .cell = message.cell(),
                  .hidden_size = message.hidden_size(),
                  .layers = message.layers(),
                  .bidirectional = message.bidirectional(),
                  .takes_text = message.takes_text(),
                  .labels = {message.labels().begin(), message.labels().end()},
                  .horizon = message.horizon(),
                  .quantile_levels = {message.quantile_levels().begin(),
                                      message.quantile_levels().end()},
                  .point_kind = ToPointKind(message.point_kind()),
                  .interval = std::chrono::microseconds(message.interval_us()),
                  .needs_time = message.needs_time(),
                  .state_bytes = message.state_bytes(),
                  .weight_bytes = message.weight_bytes(),
                  .parameters = message.parameters(),
                  .fingerprint = message.fingerprint(),
                  .engine = message.engine(),
                  .numerics = message.numerics(),
                  .same_bits_in_any_batch = message.same_bits_in_any_batch(),
                  .precision = message.precision(),
                  .precision_note = message.precision_note()};
  if (message.has_difference_to_f32()) {
    model.difference_to_f32 = message.difference_to_f32();
  }
  for (const v1::Input& input : message.inputs()) {
    model.inputs.push_back(
        {input.name(),
         input.may_be_missing(),
         input.known_ahead(),
         input.target(),
         {input.categories().begin(), input.categories().end()}});
  }
  return model;
}

}  // namespace recur::client
