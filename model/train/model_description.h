// A model directory in words and figures.
#ifndef RECUR_MODEL_TRAIN_MODEL_DESCRIPTION_H_
#define RECUR_MODEL_TRAIN_MODEL_DESCRIPTION_H_

#include <chrono>
#include <string>

#include "absl/status/statusor.h"
#include "model/spec/model_spec.h"

namespace recur {

// What `recur-train inspect` prints: the task, the network, the features,
// sizes and fingerprint as lines, then every weight with its shape. `name` is
// the heading. Fails if no engine takes the model.
absl::StatusOr<std::string> ModelText(const std::string& name,
                                      const Model& model);

// The same for programs: "spec" is model.json.
absl::StatusOr<std::string> ModelJson(const std::string& name,
                                      const Model& model);

// "1 day", "15 min", "0.25 s"; "none" for zero.
std::string IntervalText(std::chrono::microseconds interval);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_MODEL_DESCRIPTION_H_
