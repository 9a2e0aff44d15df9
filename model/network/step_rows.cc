#include "model/network/step_rows.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace recur {
namespace {

constexpr size_t kRowsAhead = 8;
constexpr size_t kCacheLine = 64;
// Behind this the hardware has seen where it is going.
constexpr size_t kMaxPrefetch = 2048;

void Prefetch(const float* state, size_t bytes) {
  const char* from = reinterpret_cast<const char*>(state);
  for (size_t at = 0; at < bytes; at += kCacheLine) {
    __builtin_prefetch(from + at, /*rw=*/1);
  }
}

}  // namespace

absl::Status CheckStepRows(const NetworkSpec& spec,
                           absl::Span<const StepRow> rows) {
  if (spec.bidirectional) {
    return absl::InternalError("a bidirectional network cannot step");
  }
  if (spec.vocabulary_size == 0) return absl::OkStatus();
  for (const StepRow& row : rows) {
    if (row.token < 0 || row.token >= spec.vocabulary_size) {
      return absl::InternalError(absl::StrCat("token ", row.token,
                                              " is outside the vocabulary of ",
                                              spec.vocabulary_size));
    }
  }
  return absl::OkStatus();
}

StatePrefetch::StatePrefetch(const NetworkSpec& spec)
    : bytes_(std::min(kMaxPrefetch, HiddenStateSize(spec) * sizeof(float))) {}

void StatePrefetch::Begin(absl::Span<const StepRow> rows) const {
  for (size_t i = 0; i < std::min(kRowsAhead, rows.size()); ++i) {
    Prefetch(rows[i].state, bytes_);
  }
}

void StatePrefetch::At(absl::Span<const StepRow> rows, size_t index) const {
  if (index + kRowsAhead < rows.size()) {
    Prefetch(rows[index + kRowsAhead].state, bytes_);
  }
}

}  // namespace recur
