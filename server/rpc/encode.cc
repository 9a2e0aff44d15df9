#include "server/rpc/encode.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "server/rpc/forecast_cut.h"

namespace recur {
namespace {

v1::Durability EncodeDurability(Durability durability) {
  switch (durability) {
    case Durability::kNone:
      break;
    case Durability::kLocal:
      return v1::DURABILITY_LOCAL;
    case Durability::kShared:
      return v1::DURABILITY_SHARED;
  }
  return v1::DURABILITY_NONE;
}

}  // namespace

void EncodeClassification(const ModelSpec& spec,
                          const Classification& classification, uint32_t top_k,
                          v1::ClassAnswer* out) {
  const std::vector<float>& probabilities = classification.probabilities;
  std::vector<int> order(probabilities.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return probabilities[a] > probabilities[b];
  });
  if (top_k > 0 && top_k < order.size()) order.resize(top_k);
  for (int index : order) {
    v1::Label* label = out->add_labels();
    label->set_label(spec.labels[index]);
    label->set_probability(probabilities[index]);
  }
}

void EncodeClassify(const ClassifyResult& result, uint32_t top_k,
                    v1::ClassifyResponse* out) {
  out->set_model(result.model->name);
  out->set_version(result.model->version);
  for (const Classification& answer : result.answers) {
    EncodeClassification(result.model->spec, answer, top_k, out->add_answers());
  }
}

absl::Status EncodeForecastResult(const ForecastResult& result,
                                  const v1::ForecastOptions& options,
                                  v1::ForecastResponse* out) {
  const Servable& model = *result.model;
  const NetworkSpec& network = model.spec.network;
  const size_t points = size_t{1} * network.horizon * network.targets;
  auto cut = MakeForecastCut(model, options,
                             result.forecast.point.size() > points
                                 ? Reach::kExtrapolated
                                 : Reach::kTrained);
  if (!cut.ok()) return cut.status();
  out->set_model(model.name);
  out->set_version(model.version);
  EncodeForecast(model, result.forecast, *cut, out->mutable_forecast());
  for (int target : model.spec.features.targets) {
    out->add_targets(model.spec.features.columns[target].name);
  }
  for (int level : cut->levels) {
    out->add_quantile_levels(model.spec.quantiles[level]);
  }
  out->set_horizon(cut->horizon);
  out->set_applied_step(result.applied_step);
  out->set_durable_step(result.durable_step);
  return absl::OkStatus();
}

void EncodeSession(const SessionInfo& info, Durability durability,
                   v1::Session* out) {
  out->set_session_id(info.id);
  const bool here = info.model != nullptr;
  out->set_model(here ? info.model->name : info.stored_model);
  out->set_version(here ? info.model->version : info.stored_version);
  out->set_applied_step(info.applied_step);
  out->set_durable_step(info.durable_step);
  out->set_durability(EncodeDurability(durability));
  out->set_idle_ttl_seconds(info.idle_ttl.count());
  out->set_expires_in_seconds(info.expires_in.count());
  out->set_state_bytes(info.state_bytes);
  out->set_warming_up(info.warming_up);
  out->set_numerics_changed_from(info.numerics_changed_from);
}

absl::Status EncodeObserve(const ItemBatch& batch,
                           const v1::ObserveRequest& request,
                           v1::ObserveResponse* out) {
  const ItemResult& result = batch.results[0];
  if (!result.status.ok()) return result.status;
  out->set_step(result.step);
  out->set_applied_step(result.applied_step);
  out->set_durable_step(result.durable_step);
  out->set_duplicate(result.duplicate);
  const std::shared_ptr<const Servable> of = batch.ModelOf(0);
  if (of == nullptr) return absl::OkStatus();
  const Servable& model = *of;
  out->set_model(model.name);
  out->set_version(model.version);
  if (result.answer == nullptr) return absl::OkStatus();
  if (const auto* label = std::get_if<Classification>(result.answer.get())) {
    EncodeClassification(model.spec, *label, request.top_k(),
                         out->mutable_class_answer());
  } else if (const auto* forecast =
                 std::get_if<Forecast>(result.answer.get())) {
    auto cut = MakeForecastCut(model, request.forecast());
    if (!cut.ok()) return cut.status();
    EncodeForecast(model, *forecast, *cut, out->mutable_forecast());
  }
  return absl::OkStatus();
}

}  // namespace recur
