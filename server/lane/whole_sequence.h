// A sequence that comes whole: a text or a context. It is a temporary session
// stepped in the same batches as live ones, behind them.
#ifndef RECUR_SERVER_LANE_WHOLE_SEQUENCE_H_
#define RECUR_SERVER_LANE_WHOLE_SEQUENCE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "model/servable/servable.h"
#include "model/spec/answer.h"
#include "server/lane/item_batch.h"

namespace recur {

struct WholeSequence {
  std::shared_ptr<const Servable> model;
  std::vector<int32_t> tokens;    // of a text, or
  std::vector<double> values;     // [steps, columns]
  std::vector<int64_t> times_us;  // empty, or [steps]
  // Where it goes on from, without values: those are what led there. Otherwise
  // it begins with nothing seen.
  std::optional<SequenceState> state;
  std::vector<double> known;  // forecasts: [horizon, known inputs], or empty
  // Forecasts: the steps to answer, 0: the model's. Beyond those it is
  // extrapolated (extrapolation.h).
  int horizon = 0;
  std::optional<TimePoint> deadline;
  // Called once, by whoever works the lane.
  absl::AnyInvocable<void(absl::StatusOr<Answer>)> done;

  // Set by the lane.
  TimePoint arrived;

  // Of what came with it.
  size_t bytes() const;
};

// Whether the model can take it: what Features::Check says of every step (its
// message is prefixed with "step N: "), at least one step or token unless it
// has a state, tokens for text models and values for others; of a forecast what
// CheckHorizon and Features::CheckKnown say. INVALID_ARGUMENT sequence_too_long
// if, with the intervals that its times leave out, it has more than max_steps.
absl::Status CheckWholeSequence(const WholeSequence& sequence, int max_steps);

}  // namespace recur

#endif  // RECUR_SERVER_LANE_WHOLE_SEQUENCE_H_
