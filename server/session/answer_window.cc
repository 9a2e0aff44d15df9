#include "server/session/answer_window.h"

#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"

namespace recur {
namespace {

// What an answer costs beside the window itself.
size_t AnswerBytes(const Answer& answer) {
  size_t bytes = sizeof(Answer);
  if (const auto* label = std::get_if<Classification>(&answer)) {
    bytes += label->probabilities.capacity() * sizeof(float);
  } else if (const auto* forecast = std::get_if<Forecast>(&answer)) {
    bytes += (forecast->point.capacity() + forecast->quantiles.capacity()) *
             sizeof(double);
  }
  return bytes;
}

}  // namespace

uint64_t PayloadDigest(absl::Span<const double> values,
                       std::optional<int64_t> time_us) {
  // Time and NaN are folded into seeds, so that the values need no copy in
  // the usual case.
  uint64_t seed = time_us.has_value()
                      ? static_cast<uint64_t>(*time_us) ^ 0x9e3779b97f4a7c15ULL
                      : 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isnan(values[i])) continue;
    std::vector<double> canonical(values.begin(), values.end());
    for (double& value : canonical) {
      if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
    }
    return XXH3_64bits_withSeed(canonical.data(),
                                canonical.size() * sizeof(double), seed);
  }
  return XXH3_64bits_withSeed(values.data(), values.size() * sizeof(double),
                              seed);
}

void AnswerWindow::Record(uint64_t step, uint64_t digest) {
  if (digests_.empty()) return;
  digests_[PlaceOf(step)] = digest;
  if (answers_ != nullptr) DropAnswer(PlaceOf(step));
  last_ = step;
  held_ = std::min<uint64_t>(held_ + 1, digests_.size());
}

absl::InlinedVector<uint64_t, 4> AnswerWindow::Digests() const {
  absl::InlinedVector<uint64_t, 4> digests;
  for (uint64_t step = last_ - held_ + 1; step <= last_; ++step) {
    digests.push_back(digests_[PlaceOf(step)]);
  }
  return digests;
}

void AnswerWindow::DropAnswer(size_t place) {
  (*answers_)[place].reset();
  for (const auto& answer : *answers_) {
    if (answer != nullptr) return;
  }
  answers_.reset();
}

absl::Status AnswerWindow::CheckUnchanged(uint64_t step,
                                          uint64_t digest) const {
  if (!Has(step) || digests_[PlaceOf(step)] == digest) return absl::OkStatus();
  return ErrorWithReason(
      absl::StatusCode::kFailedPrecondition, "step_changed",
      absl::StrFormat("step %d was applied with other values or another time",
                      step));
}

void AnswerWindow::KeepAnswer(uint64_t step,
                              std::shared_ptr<const Answer> answer) {
  if (!Has(step)) return;
  if (answers_ == nullptr)
    answers_ = std::make_unique<Answers>(digests_.size());
  (*answers_)[PlaceOf(step)] = std::move(answer);
}

std::shared_ptr<const Answer> AnswerWindow::AnswerAfter(uint64_t step) const {
  if (answers_ == nullptr || !Has(step)) return nullptr;
  return (*answers_)[PlaceOf(step)];
}

std::vector<StepAnswer> AnswerWindow::EarlierAnswers() const {
  std::vector<StepAnswer> earlier;
  if (answers_ == nullptr) return earlier;
  for (uint64_t step = last_ - held_ + 1; step < last_; ++step) {
    const auto& answer = (*answers_)[PlaceOf(step)];
    if (answer != nullptr) earlier.push_back({step, answer});
  }
  return earlier;
}

size_t AnswerWindow::AnswersBytes() const {
  size_t bytes =
      sizeof(Answers) + answers_->capacity() * sizeof(Answers::value_type);
  for (const auto& answer : *answers_) {
    if (answer != nullptr) bytes += AnswerBytes(*answer);
  }
  return bytes;
}

}  // namespace recur
