// Exactly once: which steps of an item are new. Pure.
//
// Observations of a session are numbered 1, 2, 3, ... The next number is
// applied, a seen one is not applied again, and a gap is refused.
#ifndef RECUR_SERVER_SESSION_STEP_RULE_H_
#define RECUR_SERVER_SESSION_STEP_RULE_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"

namespace recur {

struct StepDecision {
  uint64_t first_step = 0;  // number of the item's first step
  int duplicates = 0;       // leading steps that are applied already
  int fresh = 0;            // steps to apply after them
};

// `count` >= 1 steps starting at first_step (left out: the next one) for a
// session that has applied `applied` steps. INVALID_ARGUMENT step_zero;
// FAILED_PRECONDITION step_gap with the detail expected_step.
absl::StatusOr<StepDecision> DecideSteps(uint64_t applied,
                                         std::optional<uint64_t> first_step,
                                         int count);

}  // namespace recur

#endif  // RECUR_SERVER_SESSION_STEP_RULE_H_
