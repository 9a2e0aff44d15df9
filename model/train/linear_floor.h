// The linear forecast inside a forecaster as a model of its own, which the
// whole of it has to beat: its weights are in the model, so that nothing is
// fitted anew. Point forecasts alone: how far they err, which is the width of a
// band, only training has measured.
#ifndef RECUR_MODEL_TRAIN_LINEAR_FLOOR_H_
#define RECUR_MODEL_TRAIN_LINEAR_FLOOR_H_

#include <optional>

#include "model/spec/model_spec.h"

namespace recur {

// Nothing if the model has no autoregression. It has the model's features, and
// takes what the model takes.
std::optional<Model> LinearFloor(const Model& model);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_LINEAR_FLOOR_H_
