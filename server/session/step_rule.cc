#include "server/session/step_rule.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"

namespace recur {
namespace {

absl::Status Gap(uint64_t expected, uint64_t given) {
  absl::Status status = ErrorWithReason(
      absl::StatusCode::kFailedPrecondition, "step_gap",
      absl::StrFormat("step %d does not follow; the session expects step %d",
                      given, expected));
  SetDetail(&status, "expected_step", absl::StrCat(expected));
  return status;
}

}  // namespace

absl::StatusOr<StepDecision> DecideSteps(uint64_t applied,
                                         std::optional<uint64_t> first_step,
                                         int count) {
  const uint64_t expected = applied + 1;
  const uint64_t first = first_step.value_or(expected);
  if (first == 0) {
    return ErrorWithReason(absl::StatusCode::kInvalidArgument, "step_zero",
                           "first_step is 0; steps are numbered from 1");
  }
  if (first > expected) return Gap(expected, first);
  const uint64_t seen = expected - first;
  const int duplicates =
      static_cast<int>(std::min<uint64_t>(seen, static_cast<uint64_t>(count)));
  return StepDecision{.first_step = first,
                      .duplicates = duplicates,
                      .fresh = count - duplicates};
}

}  // namespace recur
