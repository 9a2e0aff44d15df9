// What can be wanted of a sequence: what the model says about it, in raw units,
// or all that it remembers of it.
#ifndef RECUR_MODEL_SPEC_ANSWER_H_
#define RECUR_MODEL_SPEC_ANSWER_H_

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "model/spec/sequence_state.h"

namespace recur {

struct Classification {
  // One per label of the spec, in its order; sums to 1.
  std::vector<float> probabilities;

  friend bool operator==(const Classification&,
                         const Classification&) = default;
};

struct Forecast {
  std::vector<double> point;      // [horizon, targets]
  std::vector<double> quantiles;  // [horizon, targets, levels], ascending
  bool warming_up = false;        // the lags are not filled yet
  // Time of the first forecast step, if the sequence has times.
  std::optional<int64_t> start_us;

  friend bool operator==(const Forecast&, const Forecast&) = default;
};

// monostate: no answer was asked for, or none can be given any more.
using Answer =
    std::variant<std::monostate, Classification, Forecast, SequenceState>;

}  // namespace recur

#endif  // RECUR_MODEL_SPEC_ANSWER_H_
