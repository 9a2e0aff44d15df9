// What every engine does with the rows of a step before it computes.
#ifndef RECUR_MODEL_NETWORK_STEP_ROWS_H_
#define RECUR_MODEL_NETWORK_STEP_ROWS_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "model/network/engine.h"
#include "model/spec/network_spec.h"

namespace recur {

// INTERNAL if the network is bidirectional or a token outside its vocabulary.
absl::Status CheckStepRows(const NetworkSpec& spec,
                           absl::Span<const StepRow> rows);

// Of a million sequences most states are in no cache: the next ones are put on
// their way while one is read.
class StatePrefetch {
 public:
  explicit StatePrefetch(const NetworkSpec& spec);

  // Before the first row is read.
  void Begin(absl::Span<const StepRow> rows) const;

  // Before row `index` is read.
  void At(absl::Span<const StepRow> rows, size_t index) const;

 private:
  size_t bytes_;  // of a state that are fetched
};

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_STEP_ROWS_H_
