// A machine-readable reason inside an absl::Status: what a program branches
// on, while the message is for people. It is set where the error is found and
// travels unchanged to the wire, where it becomes a google.rpc.ErrorInfo with
// domain "recur": the reason its `reason`, the details its `metadata`.
//
//   absl::Status status = ErrorWithReason(
//       absl::StatusCode::kInvalidArgument, "time_late", "time ... is late");
//   SetDetail(&status, "expected_time", "2014-03-01T00:00:00Z");
//
// Reasons and keys are snake_case words and part of the protocol: a word once
// given keeps its meaning. They live in the status's payloads "recur/reason"
// and "recur/detail.<key>", so a status with one allocates; an OK status holds
// none, and setting one there does nothing. Thread safe like absl::Status:
// readers may share, a writer must be alone.
#ifndef RECUR_MODEL_SPEC_ERROR_REASON_H_
#define RECUR_MODEL_SPEC_ERROR_REASON_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace recur {

// Replaces the reason that is there, if any.
void SetReason(absl::Status* status, absl::string_view reason);

// Adds a pair, or replaces the value of a key that is there.
void SetDetail(absl::Status* status, absl::string_view key,
               absl::string_view value);

// nullopt if none was set.
std::optional<std::string> ReasonOf(const absl::Status& status);

// All pairs, ascending by key.
std::vector<std::pair<std::string, std::string>> DetailsOf(
    const absl::Status& status);

// A status of that code and message with that reason. The code must not be
// kOk.
absl::Status ErrorWithReason(absl::StatusCode code, absl::string_view reason,
                             absl::string_view message);

// The same status, reason and details with the prefix before its message.
absl::Status WithPrefix(absl::string_view prefix, const absl::Status& status);

}  // namespace recur

#endif  // RECUR_MODEL_SPEC_ERROR_REASON_H_
