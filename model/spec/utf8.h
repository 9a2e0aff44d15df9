// UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates.
#ifndef RECUR_MODEL_SPEC_UTF8_H_
#define RECUR_MODEL_SPEC_UTF8_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace recur {

// Bytes of the character that `text` begins with, 1 to 4; 0 if it begins with
// none or is empty.
size_t Utf8Length(absl::string_view text);

bool IsUtf8(absl::string_view text);

}  // namespace recur

#endif  // RECUR_MODEL_SPEC_UTF8_H_
