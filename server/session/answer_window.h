// What a session remembers of its last steps, so that a retry gets the same
// answer again and a changed payload is noticed. A plain value; without answers
// it holds no memory beside itself as long as it has up to 4 steps.
#ifndef RECUR_SERVER_SESSION_ANSWER_WINDOW_H_
#define RECUR_SERVER_SESSION_ANSWER_WINDOW_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "model/spec/answer.h"

namespace recur {

// A digest of one observation (XXH3, 64 bits): its values and its time. Every
// NaN counts as the same.
uint64_t PayloadDigest(absl::Span<const double> values,
                       std::optional<int64_t> time_us);

// The answer that was given after a step.
struct StepAnswer {
  uint64_t step = 0;
  std::shared_ptr<const Answer> answer;
};

class AnswerWindow {
 public:
  explicit AnswerWindow(int steps) : digests_(steps) {}

  // Step `step` was applied with this payload. Steps come one after the
  // other, from any first one.
  void Record(uint64_t step, uint64_t digest);

  // FAILED_PRECONDITION step_changed if the step is in the window and had
  // another payload; OK if it had this one or is older than the window.
  absl::Status CheckUnchanged(uint64_t step, uint64_t digest) const;

  // Keeps the answer given after a step that is in the window.
  void KeepAnswer(uint64_t step, std::shared_ptr<const Answer> answer);

  // The kept answer, or null.
  std::shared_ptr<const Answer> AnswerAfter(uint64_t step) const;

  // Of the steps in the window, the newest last. What was recorded in this
  // order makes the same window, but for the answers.
  absl::InlinedVector<uint64_t, 4> Digests() const;

  // The kept answers, the oldest first, but for the newest step's: that one the
  // state itself gives.
  std::vector<StepAnswer> EarlierAnswers() const;

  // On the heap.
  size_t bytes() const { return answers_ == nullptr ? 0 : AnswersBytes(); }

 private:
  using Answers = std::vector<std::shared_ptr<const Answer>>;

  bool Has(uint64_t step) const {
    return step <= last_ && step + held_ > last_ && held_ > 0;
  }
  size_t PlaceOf(uint64_t step) const { return step % digests_.size(); }
  void DropAnswer(size_t place);
  size_t AnswersBytes() const;

  uint64_t last_ = 0;  // newest step
  uint64_t held_ = 0;  // steps in the window, of those that it has room for
  absl::InlinedVector<uint64_t, 4> digests_;  // step s is at s % size
  std::unique_ptr<Answers> answers_;  // likewise; null as long as there is none
};

}  // namespace recur

#endif  // RECUR_SERVER_SESSION_ANSWER_WINDOW_H_
