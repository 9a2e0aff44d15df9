#include "server/lane/item_batch.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"

namespace recur {
namespace {

absl::Status BadColumns(std::string message) {
  return ErrorWithReason(absl::StatusCode::kInvalidArgument, "bad_columns",
                         message);
}

}  // namespace

absl::Status ItemBatch::Seal() {
  if (value_counts.empty() && items.size() == 1) {
    value_counts.push_back(static_cast<uint32_t>(values.size()));
  }
  if (value_counts.size() != items.size()) {
    return BadColumns(absl::StrFormat("%d items have %d value counts",
                                      items.size(), value_counts.size()));
  }
  value_offsets_.assign(1, 0);
  step_offsets_.assign(1, 0);
  for (size_t i = 0; i < items.size(); ++i) {
    value_offsets_.push_back(value_offsets_.back() + value_counts[i]);
    // A count below 0 is refused with its item, which must not move others.
    step_offsets_.push_back(step_offsets_.back() + std::max(0, items[i].steps));
  }
  if (value_offsets_.back() != values.size()) {
    return BadColumns(
        absl::StrFormat("the items have %d values; the message has %d",
                        value_offsets_.back(), values.size()));
  }
  if (!times_us.empty() && times_us.size() != step_offsets_.back()) {
    return BadColumns(
        absl::StrFormat("the items have %d steps; the message has %d times",
                        step_offsets_.back(), times_us.size()));
  }
  results.assign(items.size(), {});
  return absl::OkStatus();
}

absl::Span<const double> ItemBatch::ValuesOf(uint32_t index) const {
  return absl::MakeConstSpan(values).subspan(value_offsets_[index],
                                             value_counts[index]);
}

absl::Span<const int64_t> ItemBatch::TimesOf(uint32_t index) const {
  if (times_us.empty()) return {};
  const size_t first = step_offsets_[index];
  return absl::MakeConstSpan(times_us).subspan(
      first, step_offsets_[index + 1] - first);
}

}  // namespace recur
