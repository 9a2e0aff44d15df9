// One run: a load on a scenario, disturbed again and again, and judged.
#ifndef RECUR_TESTS_CHAOS_CHAOS_RUN_H_
#define RECUR_TESTS_CHAOS_CHAOS_RUN_H_

#include "absl/status/statusor.h"
#include "tests/chaos/scenario.h"

namespace recur::chaos {

// Every cycle waits until something new of every session is durable, then for
// a random moment, and disturbs. In the end everything that was sent must be
// acknowledged, applied once, and answered as without any disturbance: by its
// sum, or as a server that was left alone answers. An error if it cannot get
// so far.
absl::StatusOr<Tally> RunChaos(Scene scene, ModelKind model, int cycles,
                               Ground* ground);

// Whether the server of this ground answers bit for bit alike in every batch:
// else there is nothing to hold an LSTM's answers against.
absl::StatusOr<bool> SameBitsInAnyBatch(const Ground& ground);

}  // namespace recur::chaos

#endif  // RECUR_TESTS_CHAOS_CHAOS_RUN_H_
