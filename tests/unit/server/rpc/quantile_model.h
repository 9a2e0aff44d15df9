// A forecaster without weights: three steps ahead, two targets, three levels,
// and one input known ahead.
#ifndef RECUR_TESTS_UNIT_SERVER_RPC_QUANTILE_MODEL_H_
#define RECUR_TESTS_UNIT_SERVER_RPC_QUANTILE_MODEL_H_

#include <memory>

#include "model/servable/servable.h"

namespace recur {

inline std::shared_ptr<const Servable> QuantileModel() {
  ModelSpec spec;
  spec.task = Task::kForecast;
  spec.features.columns = {{.name = "load"},
                           {.name = "price"},
                           {.name = "holiday", .known_ahead = true}};
  spec.features.targets = {0, 1};
  spec.features.output_scale = {1.0, 1.0};
  spec.features.interval = std::chrono::hours(1);
  spec.quantiles = {0.1, 0.5, 0.9};
  spec.network.head = Head::kForecast;
  spec.network.input_size = 3;
  spec.network.horizon = 3;
  spec.network.targets = 2;
  spec.network.levels = 3;
  spec.network.future_size = 1;
  spec.network.decoder_size = 1;
  return std::make_shared<const Servable>(
      Servable{.name = "grid",
               .version = 4,
               .spec = spec,
               .features = *Features::Create(spec.features)});
}

// A label per sequence of two values.
inline std::shared_ptr<const Servable> LabelModel() {
  ModelSpec spec;
  spec.features.columns = {{.name = "a"}, {.name = "b"}};
  spec.labels = {"calm", "rain", "storm"};
  spec.network.input_size = 2;
  spec.network.classes = 3;
  return std::make_shared<const Servable>(
      Servable{.name = "sky",
               .version = 2,
               .spec = spec,
               .features = *Features::Create(spec.features)});
}

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_SERVER_RPC_QUANTILE_MODEL_H_
