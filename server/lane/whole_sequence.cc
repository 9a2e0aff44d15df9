#include "server/lane/whole_sequence.h"

#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"
#include "server/lane/extrapolation.h"

namespace recur {
namespace {

absl::Status Invalid(absl::string_view reason, std::string message) {
  return ErrorWithReason(absl::StatusCode::kInvalidArgument, reason, message);
}

absl::Status TooLong(int64_t steps, int max_steps) {
  return Invalid("sequence_too_long",
                 absl::StrFormat("the sequence has %d steps; the limit is %d",
                                 steps, max_steps));
}

absl::Status CheckSteps(const WholeSequence& sequence, int steps,
                        int max_steps) {
  const Servable& model = *sequence.model;
  const size_t columns = model.spec.features.columns.size();
  int64_t last_time_us = FeatureState::kNoTime;
  int64_t intervals = 0;
  for (int i = 0; i < steps; ++i) {
    Observation observation{
        .values =
            absl::MakeConstSpan(sequence.values).subspan(i * columns, columns)};
    if (!sequence.times_us.empty()) observation.time_us = sequence.times_us[i];
    const auto advance =
        model.features.Check(observation, last_time_us, model.name);
    if (!advance.ok()) {
      return WithPrefix(absl::StrFormat("step %d: ", i + 1), advance.status());
    }
    last_time_us = advance->time_us;
    intervals += advance->intervals;
  }
  return intervals > max_steps ? TooLong(intervals, max_steps)
                               : absl::OkStatus();
}

absl::Status CheckForecast(const WholeSequence& sequence) {
  const Servable& model = *sequence.model;
  if (auto status = CheckHorizon(model, sequence.horizon); !status.ok()) {
    return status;
  }
  const int steps =
      sequence.horizon > 0 ? sequence.horizon : model.spec.network.horizon;
  return model.features.CheckKnown(steps, sequence.known, model.name);
}

}  // namespace

size_t WholeSequence::bytes() const {
  return tokens.size() * sizeof(int32_t) + values.size() * sizeof(double) +
         times_us.size() * sizeof(int64_t) + known.size() * sizeof(double) +
         (state.has_value() ? state->bytes() : 0);
}

absl::Status CheckWholeSequence(const WholeSequence& sequence, int max_steps) {
  const Servable& model = *sequence.model;
  if (model.spec.takes_text) {
    if (sequence.tokens.size() > static_cast<size_t>(max_steps)) {
      return TooLong(static_cast<int64_t>(sequence.tokens.size()), max_steps);
    }
    if (!sequence.tokens.empty()) return absl::OkStatus();
    return Invalid("empty_sequence",
                   absl::StrFormat("the text is empty; model \"%s\" needs at "
                                   "least one token",
                                   model.name));
  }
  if (auto status = CheckForecast(sequence); !status.ok()) return status;
  if (sequence.state.has_value()) return absl::OkStatus();
  if (sequence.values.empty()) {
    return Invalid("empty_sequence",
                   absl::StrFormat("the sequence is empty; model \"%s\" needs "
                                   "at least one step",
                                   model.name));
  }
  const size_t columns = model.spec.features.columns.size();
  if (sequence.values.size() % columns != 0) {
    return Invalid(
        "wrong_width",
        absl::StrFormat("sequence has %d values; model \"%s\" "
                        "expects %d features per step",
                        sequence.values.size(), model.name, columns));
  }
  const size_t steps = sequence.values.size() / columns;
  if (steps > static_cast<size_t>(max_steps)) {
    return TooLong(static_cast<int64_t>(steps), max_steps);
  }
  if (!sequence.times_us.empty() && sequence.times_us.size() != steps) {
    return Invalid("bad_columns",
                   absl::StrFormat("sequence has %d steps and %d times", steps,
                                   sequence.times_us.size()));
  }
  return CheckSteps(sequence, static_cast<int>(steps), max_steps);
}

}  // namespace recur
