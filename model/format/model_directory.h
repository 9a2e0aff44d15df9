// Reads and writes a model directory: model.json, weights.safetensors and,
// for text, vocabulary.txt. model/format/FORMAT.md describes every byte.
//
// Reading is safe on hostile bytes: sizes are checked before use, nothing
// outside the directory is followed (no symbolic links), and a model that
// reads is consistent: ValidateModelSpec holds, and the weights have exactly
// the names and shapes of WeightShapes(spec.network) and FeatureWeightShapes
// and finite values.
#ifndef RECUR_MODEL_FORMAT_MODEL_DIRECTORY_H_
#define RECUR_MODEL_FORMAT_MODEL_DIRECTORY_H_

#include <filesystem>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/spec/model_spec.h"

namespace recur {

// NOT_FOUND if the directory or one of its files is missing; DATA_LOSS if a
// file is truncated, corrupt or of another shape than the spec says;
// INVALID_ARGUMENT if model.json is well formed but wrong, or a file is a
// symbolic link or not a regular file; PERMISSION_DENIED. The message names
// the file. `directory` itself may be a symbolic link: its path is trusted,
// its content is not.
absl::StatusOr<Model> ReadModel(const std::filesystem::path& directory);

// More files of a model directory by name, such as metrics.json.
using ModelFiles = std::map<std::string, std::string>;

// Writes into a new directory beside `directory` (its name begins with a dot)
// and renames it into place, so that a reader sees a whole model or none, and
// after a crash too: files and directories are synced. Makes the directories
// above if needed. ALREADY_EXISTS if `directory` exists; INVALID_ARGUMENT if
// ReadModel would not read the model back; what the file system says if it
// fails, and then nothing is left behind.
absl::Status WriteModel(const Model& model,
                        const std::filesystem::path& directory,
                        const ModelFiles& more = {});

// 32 hex digits (XXH3, 128 bits) over the spec without its description and
// precision, the weights and the vocabulary: tells whether two models answer
// alike but for rounding. The same on every machine. Not cryptographic.
std::string Fingerprint(const Model& model);

}  // namespace recur

#endif  // RECUR_MODEL_FORMAT_MODEL_DIRECTORY_H_
