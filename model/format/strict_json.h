// The one place where bytes are judged to be JSON. Foreign parsers accept more
// than a file format should: keys given twice, any depth, any size.
#ifndef RECUR_MODEL_FORMAT_STRICT_JSON_H_
#define RECUR_MODEL_FORMAT_STRICT_JSON_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace recur {

struct JsonLimits {
  int depth = 8;                 // objects and arrays inside each other
  int64_t values = 1 << 20;      // all values, objects and arrays included
  int64_t bytes = 16 * 1 << 20;  // of the text
};

// OK if `bytes` are one JSON object in UTF-8 within the limits, without a key
// given twice in one object; else DATA_LOSS saying what is wrong and on which
// line. Parsing what passes cannot fail. Throws nothing; uses no recursion.
absl::Status CheckJson(absl::string_view bytes, const JsonLimits& limits = {});

// Text of a file inside quotes for a message: printable, at most about 60
// bytes of it.
std::string QuotedForMessage(absl::string_view text);

}  // namespace recur

#endif  // RECUR_MODEL_FORMAT_STRICT_JSON_H_
