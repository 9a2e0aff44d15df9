// A model fresh from training, ready to answer like a server.
#ifndef RECUR_MODEL_TRAIN_LEARNING_SERVE_MODEL_H_
#define RECUR_MODEL_TRAIN_LEARNING_SERVE_MODEL_H_

#include "absl/status/statusor.h"
#include "model/servable/servable.h"
#include "model/spec/model_spec.h"

namespace recur {

// On the engine that a server would choose, under the name "new". Takes
// milliseconds.
absl::StatusOr<Servable> ServeModel(const Model& model);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_LEARNING_SERVE_MODEL_H_
