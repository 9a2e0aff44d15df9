#include "tests/bench/bench_servable.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "model/network/serving/serving_engine.h"
#include "tests/bench/models.h"

namespace recur {

absl::StatusOr<std::shared_ptr<const Servable>> BenchServable(int hidden_size) {
  const Model model = BenchForecaster({.kind = CellKind::kLstm}, hidden_size);
  auto engine = CreateServingEngine(model.spec.network, model.weights);
  if (!engine.ok()) return engine.status();
  auto servable = MakeServable(model.spec, {}, *std::move(engine));
  if (!servable.ok()) return servable.status();
  servable->name = absl::StrCat("lstm", hidden_size);
  servable->version = 1;
  return std::make_shared<const Servable>(*std::move(servable));
}

}  // namespace recur
