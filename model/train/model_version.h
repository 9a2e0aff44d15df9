// Where a model is, and where a new one goes: REPOSITORY/NAME/<version>/.
#ifndef RECUR_MODEL_TRAIN_MODEL_VERSION_H_
#define RECUR_MODEL_TRAIN_MODEL_VERSION_H_

#include <filesystem>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/format/model_directory.h"
#include "model/spec/model_spec.h"

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

// Writes the model, and `more` beside it, as NextVersion(path), and says so in
// a line of `messages`; an empty path is fine and writes nothing. Errors are
// those of NextVersion and WriteModel.
absl::Status WriteNextVersion(const std::filesystem::path& path,
                              const Model& model, const ModelFiles& more,
                              std::ostream& messages);

struct FoundModel {
  std::string name;  // the directory that was read
  Model model;
};

// Reads the model in `path`, which is that of a version, or of a model: then
// of its latest version. NOT_FOUND if it is neither; else what ReadModel says.
absl::StatusOr<FoundModel> FindModel(const std::filesystem::path& path);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_MODEL_VERSION_H_
