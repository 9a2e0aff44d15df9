// What a session remembers of its last steps, so that a retry gets the same
// answer again and a changed payload is noticed. A plain value.
#ifndef RECUR_SERVER_SESSION_ANSWER_WINDOW_H_
#define RECUR_SERVER_SESSION_ANSWER_WINDOW_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "model/spec/answer.h"

namespace recur {

// A digest of one observation (XXH3, 64 bits): its values and its time. Every
// NaN counts as the same.
uint64_t PayloadDigest(absl::Span<const double> values,
                       std::optional<int64_t> time_us);

class AnswerWindow {
 public:
  explicit AnswerWindow(int steps) : entries_(steps) {}

  // Step `step` was applied with this payload. Steps come in order.
  void Record(uint64_t step, uint64_t digest);

  // FAILED_PRECONDITION step_changed if the step is in the window and had
  // another payload; OK if it had this one or is older than the window.
  absl::Status CheckUnchanged(uint64_t step, uint64_t digest) const;

  // Keeps the answer given after a step that is in the window.
  void KeepAnswer(uint64_t step, std::shared_ptr<const Answer> answer);

  // The kept answer, or null.
  std::shared_ptr<const Answer> AnswerAfter(uint64_t step) const;

  size_t bytes() const;

 private:
  struct Entry {
    uint64_t step = 0;  // 0: unused
    uint64_t digest = 0;
    std::shared_ptr<const Answer> answer;
  };

  const Entry* Find(uint64_t step) const;

  std::vector<Entry> entries_;  // step s is at s % size
};

}  // namespace recur

#endif  // RECUR_SERVER_SESSION_ANSWER_WINDOW_H_
