#include "client/replay/verdict.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "model/spec/error_reason.h"

namespace recur::client {
namespace {

bool IsOneOf(absl::string_view reason,
             std::initializer_list<absl::string_view> reasons) {
  return std::find(reasons.begin(), reasons.end(), reason) != reasons.end();
}

}  // namespace

std::optional<std::chrono::milliseconds> RetryDelay(
    const absl::Status& status) {
  for (const auto& [key, value] : DetailsOf(status)) {
    int64_t ms = 0;
    if (key == "retry_delay_ms" && absl::SimpleAtoi(value, &ms)) {
      return std::chrono::milliseconds(ms);
    }
  }
  return std::nullopt;
}

Verdict JudgeAnswer(const absl::Status& status) {
  const std::string reason = ReasonOf(status).value_or("");
  if (reason == "draining") return Verdict::kElsewhere;
  if (IsOneOf(reason, {"session_unknown", "session_expired", "session_closed",
                       "session_lost", "session_behind", "model_missing"})) {
    return Verdict::kSessionOver;
  }
  // The limit is on what this stream itself holds: waiting changes nothing.
  if (reason == "too_many_handles") return Verdict::kRefused;
  const bool passing = absl::IsUnavailable(status) && !reason.empty();
  return passing || RetryDelay(status).has_value() ? Verdict::kTryLater
                                                   : Verdict::kRefused;
}

Verdict JudgeEnd(const absl::Status& status) {
  if (!ReasonOf(status).has_value()) return Verdict::kElsewhere;
  return JudgeAnswer(status);
}

bool IsRetryable(const absl::Status& status) {
  if (status.ok()) return false;
  if (RetryDelay(status).has_value()) return true;
  if (ReasonOf(status).has_value()) {
    const Verdict verdict = JudgeAnswer(status);
    return verdict == Verdict::kElsewhere || verdict == Verdict::kTryLater;
  }
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kAborted:
      return true;
    default:
      return false;
  }
}

}  // namespace recur::client
