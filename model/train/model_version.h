// Where a new model goes: REPOSITORY/NAME/<version>/.
#ifndef RECUR_MODEL_TRAIN_MODEL_VERSION_H_
#define RECUR_MODEL_TRAIN_MODEL_VERSION_H_

#include <filesystem>

#include "absl/status/statusor.h"

namespace recur {

// `model` / the number after the highest integer there, 1 if there is none or
// the directory does not exist yet. Creates nothing. INVALID_ARGUMENT if
// `model` is a file or empty.
absl::StatusOr<std::filesystem::path> NextVersion(
    const std::filesystem::path& model);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_MODEL_VERSION_H_
