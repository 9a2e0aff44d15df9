// The part of a snapshot that has answers: SNAPSHOT.md beside this file
// describes it byte by byte.
#ifndef RECUR_SERVER_SESSION_ANSWER_BYTES_H_
#define RECUR_SERVER_SESSION_ANSWER_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/session/answer_window.h"

namespace recur {

// Of all answers of a snapshot.
inline constexpr size_t kMaxAnswersBytes = size_t{16} << 20;

// Appends the answers, given after steps below `applied_step`, the oldest
// first: as many of the newest as are within kMaxAnswersBytes.
void AppendAnswers(absl::Span<const StepAnswer> answers, uint64_t applied_step,
                   std::string* out);

// DATA_LOSS if the bytes are not such a part, whole, with answers to some of
// the `window` newest steps; any bytes are safe to hand in.
absl::StatusOr<std::vector<StepAnswer>> ParseAnswers(absl::string_view bytes,
                                                     uint64_t applied_step,
                                                     uint64_t window);

}  // namespace recur

#endif  // RECUR_SERVER_SESSION_ANSWER_BYTES_H_
