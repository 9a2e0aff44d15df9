// Files that an option names.
#ifndef RECUR_MODEL_TRAIN_OUTPUT_FILE_H_
#define RECUR_MODEL_TRAIN_OUTPUT_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace recur {

// INVALID_ARGUMENT naming `option` if the file cannot be written; asked before
// long work, so that none is lost. Creates it if it is not there. An empty path
// is fine.
absl::Status CheckOutputFile(absl::string_view option, const std::string& path);

// Replaces the file. INTERNAL naming `option` if that fails.
absl::Status WriteOutputFile(absl::string_view option, const std::string& path,
                             const std::string& bytes);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_OUTPUT_FILE_H_
