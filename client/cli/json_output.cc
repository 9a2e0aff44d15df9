#include "client/cli/json_output.h"

#include "absl/strings/ascii.h"
#include "model/data/csv.h"
#include "model/spec/error_reason.h"

namespace recur::cli {

using Json = nlohmann::ordered_json;

const char* StateName(client::ModelState state) {
  switch (state) {
    case client::ModelState::kLoading:
      return "loading";
    case client::ModelState::kReady:
      return "ready";
    case client::ModelState::kRetiring:
      return "retiring";
    case client::ModelState::kFailed:
      return "failed";
    case client::ModelState::kUnspecified:
      break;
  }
  return "unknown";
}

const char* DurabilityName(client::Durability durability) {
  switch (durability) {
    case client::Durability::kNone:
      return "none";
    case client::Durability::kLocal:
      return "local";
    case client::Durability::kShared:
      return "shared";
    case client::Durability::kUnspecified:
      break;
  }
  return "unknown";
}

Json ToJson(const client::ModelInfo& model) {
  Json inputs = Json::array();
  for (const client::ModelInput& input : model.inputs) {
    inputs.push_back({{"name", input.name},
                      {"target", input.target},
                      {"may_be_missing", input.may_be_missing},
                      {"known_ahead", input.known_ahead}});
    if (!input.categories.empty()) {
      inputs.back()["categories"] = input.categories;
    }
  }
  Json json = {{"model", model.name},
               {"version", model.version},
               {"latest", model.latest},
               {"state", StateName(model.state)}};
  if (!model.error.empty()) json["error"] = model.error;
  json["task"] = model.task;
  json["description"] = model.description;
  json["cell"] = model.cell;
  json["hidden_size"] = model.hidden_size;
  json["layers"] = model.layers;
  json["bidirectional"] = model.bidirectional;
  json["takes_text"] = model.takes_text;
  json["inputs"] = inputs;
  json["labels"] = model.labels;
  json["horizon"] = model.horizon;
  json["quantile_levels"] = model.quantile_levels;
  json["interval_seconds"] = static_cast<double>(model.interval.count()) / 1e6;
  json["needs_time"] = model.needs_time;
  json["parameters"] = model.parameters;
  json["weight_bytes"] = model.weight_bytes;
  json["state_bytes"] = model.state_bytes;
  json["fingerprint"] = model.fingerprint;
  json["engine"] = model.engine;
  json["numerics"] = model.numerics;
  json["same_bits_in_any_batch"] = model.same_bits_in_any_batch;
  json["precision"] = model.precision;
  if (model.difference_to_f32.has_value()) {
    json["difference_to_f32"] = *model.difference_to_f32;
  }
  if (!model.precision_note.empty()) {
    json["precision_note"] = model.precision_note;
  }
  return json;
}

Json ToJson(const client::SessionInfo& session) {
  return {{"session_id", session.session_id},
          {"model", session.model},
          {"version", session.version},
          {"applied_step", session.applied_step},
          {"durable_step", session.durable_step},
          {"durability", DurabilityName(session.durability)},
          {"idle_ttl_seconds", session.idle_ttl.count()},
          {"expires_in_seconds", session.expires_in.count()},
          {"state_bytes", session.state_bytes},
          {"warming_up", session.warming_up}};
}

Json ToJson(const client::Classification& classification) {
  Json labels = Json::array();
  for (const client::Label& label : classification.labels) {
    labels.push_back(
        {{"label", label.label}, {"probability", label.probability}});
  }
  return labels;
}

Json ToJson(const ForecastView& view) {
  Json steps = Json::array();
  for (int step = 0; step < view.horizon(); ++step) {
    Json targets = Json::object();
    for (size_t t = 0; t < view.targets.size(); ++t) {
      Json quantiles = Json::array();
      for (size_t level = 0; level < view.levels.size(); ++level) {
        quantiles.push_back(view.Quantile(step, t, level));
      }
      targets[view.targets[t]] = {{"point", view.Point(step, t)},
                                  {"quantiles", quantiles}};
    }
    steps.push_back({{"time", view.TimeName(step)}, {"targets", targets}});
    if (view.Extrapolated(step)) steps.back()["extrapolated"] = true;
  }
  return {{"quantile_levels", view.levels},
          {"warming_up", view.forecast.warming_up},
          {"extrapolated", view.forecast.extrapolated},
          {"steps", steps}};
}

Json ToJson(const absl::Status& status) {
  Json details = Json::object();
  for (const auto& [key, value] : DetailsOf(status)) details[key] = value;
  Json error = {{"code", absl::StatusCodeToString(status.code())},
                {"message", std::string(status.message())}};
  if (const auto reason = ReasonOf(status); reason.has_value()) {
    error["reason"] = *reason;
  }
  if (!details.empty()) error["details"] = details;
  return {{"error", error}};
}

std::string JsonLine(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace recur::cli
