#include "server/lane/whole_sequence.h"

#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"

namespace recur {
namespace {

absl::Status Invalid(absl::string_view reason, std::string message) {
  return ErrorWithReason(absl::StatusCode::kInvalidArgument, reason, message);
}

absl::Status CheckSteps(const WholeSequence& sequence, int steps) {
  const Servable& model = *sequence.model;
  const size_t columns = model.spec.features.columns.size();
  int64_t last_time_us = FeatureState::kNoTime;
  for (int i = 0; i < steps; ++i) {
    Observation observation{
        .values =
            absl::MakeConstSpan(sequence.values).subspan(i * columns, columns)};
    if (!sequence.times_us.empty()) observation.time_us = sequence.times_us[i];
    const auto advance =
        model.features.Check(observation, last_time_us, model.name);
    if (!advance.ok())
      return WithPrefix(absl::StrFormat("step %d: ", i + 1), advance.status());
    last_time_us = advance->time_us;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckWholeSequence(const WholeSequence& sequence) {
  const Servable& model = *sequence.model;
  if (model.spec.takes_text) {
    if (!sequence.tokens.empty()) return absl::OkStatus();
    return Invalid("empty_sequence",
                   absl::StrFormat("the text is empty; model \"%s\" needs at "
                                   "least one token",
                                   model.name));
  }
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
  if (!sequence.times_us.empty() && sequence.times_us.size() != steps) {
    return Invalid("bad_columns",
                   absl::StrFormat("sequence has %d steps and %d times", steps,
                                   sequence.times_us.size()));
  }
  if (auto status = model.features.CheckKnown(model.spec.network.horizon,
                                              sequence.known, model.name);
      !status.ok()) {
    return status;
  }
  return CheckSteps(sequence, static_cast<int>(steps));
}

}  // namespace recur
