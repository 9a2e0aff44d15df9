#include "model/train/learning/serve_model.h"

#include "model/network/serving/serving_engine.h"

namespace recur {

absl::StatusOr<Servable> ServeModel(const Model& model) {
  auto engine = CreateServingEngine(model.spec.network, model.weights);
  if (!engine.ok()) return engine.status();
  auto servable = MakeServable(model.spec, model.vocabulary, *engine,
                               model.feature_weights);
  if (servable.ok()) servable->name = "new";
  return servable;
}

}  // namespace recur
