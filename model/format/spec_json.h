// model.json <-> ModelSpec.
#ifndef RECUR_MODEL_FORMAT_SPEC_JSON_H_
#define RECUR_MODEL_FORMAT_SPEC_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/spec/model_spec.h"

namespace recur {

// Indented JSON with a final newline; the same spec gives the same bytes.
std::string SpecToJson(const ModelSpec& spec);

// DATA_LOSS if it is not JSON; INVALID_ARGUMENT naming the field if a field is
// missing, unknown or of the wrong type, or ValidateModelSpec refuses it.
absl::StatusOr<ModelSpec> SpecFromJson(absl::string_view json);

}  // namespace recur

#endif  // RECUR_MODEL_FORMAT_SPEC_JSON_H_
