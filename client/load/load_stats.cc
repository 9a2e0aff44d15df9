#include "client/load/load_stats.h"

#include "absl/strings/ascii.h"
#include "model/spec/error_reason.h"

namespace recur::load {

void LoadStats::OnError(TimePoint intended, const absl::Status& status,
                        uint64_t count) {
  if (!Within(intended)) return;
  const std::string code =
      absl::AsciiStrToLower(absl::StatusCodeToString(status.code()));
  Error& error = errors_[{status.code(), ReasonOf(status).value_or(code)}];
  if (error.count == 0) error.message = std::string(status.message());
  error.count += count;
}

void LoadStats::OnWrong(absl::string_view what) {
  if (wrong_answers_++ == 0) first_wrong_ = std::string(what);
}

}  // namespace recur::load
