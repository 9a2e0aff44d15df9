// A text file as bytes.
#ifndef RECUR_MODEL_DATA_FILE_BYTES_H_
#define RECUR_MODEL_DATA_FILE_BYTES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace recur {

// NOT_FOUND if it cannot be opened or read.
absl::StatusOr<std::string> ReadFileBytes(const std::string& path);

// INVALID_ARGUMENT with the line and what to do unless the bytes are UTF-8
// text; ASCII is. `path` is for the message.
absl::Status CheckEncoding(absl::string_view bytes, const std::string& path);

}  // namespace recur

#endif  // RECUR_MODEL_DATA_FILE_BYTES_H_
