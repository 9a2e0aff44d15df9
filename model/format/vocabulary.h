// vocabulary.txt: one entry per line, every line ended by "\n". Bytes that
// would be lost or misread in a text file are escaped:
//   \\ backslash   \s space   \n line feed   \r carriage return   \t tab
//   \xHH any other control byte (00-1F, 7F), and bytes that are not UTF-8
// so that the file is printable UTF-8 whatever the tokens are.
#ifndef RECUR_MODEL_FORMAT_VOCABULARY_H_
#define RECUR_MODEL_FORMAT_VOCABULARY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace recur {

// Entries must not be empty or doubled: DecodeVocabulary refuses those.
std::string EncodeVocabulary(const std::vector<std::string>& entries);

// DATA_LOSS naming the line: an empty or doubled entry, an unknown escape, a
// last line without its end. Spaces and tabs need not be escaped.
absl::StatusOr<std::vector<std::string>> DecodeVocabulary(
    absl::string_view bytes);

}  // namespace recur

#endif  // RECUR_MODEL_FORMAT_VOCABULARY_H_
