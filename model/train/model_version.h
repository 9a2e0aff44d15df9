// Where a new model goes: REPOSITORY/NAME/<version>/.
#ifndef RECUR_MODEL_TRAIN_MODEL_VERSION_H_
#define RECUR_MODEL_TRAIN_MODEL_VERSION_H_

#include <filesystem>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace recur {

// Looks, before hours of training, whether a model can be written to `model`
// and be served from there. INVALID_ARGUMENT if its name is not 1 to 128
// characters [A-Za-z0-9_.-], the first not a dot; PERMISSION_DENIED naming the
// directory that cannot be written. Creates nothing.
absl::Status CheckModelPath(const std::filesystem::path& model);

// `model` / the number after the highest integer there, 1 if there is none or
// the directory does not exist yet. Creates nothing. INVALID_ARGUMENT if
// `model` is a file or empty.
absl::StatusOr<std::filesystem::path> NextVersion(
    const std::filesystem::path& model);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_MODEL_VERSION_H_
