// Text of any origin as it may go over the wire.
#ifndef RECUR_SERVER_RPC_WIRE_TEXT_H_
#define RECUR_SERVER_RPC_WIRE_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace recur {

// Valid UTF-8 of at most `limit` (3 or more) bytes: a receiver drops a whole
// message for one protobuf string that is not. Bytes that are no UTF-8 become
// U+FFFD; what is too long is cut between characters and ends in "...".
std::string WireText(absl::string_view text, size_t limit);

}  // namespace recur

#endif  // RECUR_SERVER_RPC_WIRE_TEXT_H_
