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
  value_offsets_.resize(items.size() + 1);
  step_offsets_.resize(items.size() + 1);
  value_offsets_[0] = 0;
  step_offsets_[0] = 0;
  for (size_t i = 0; i < items.size(); ++i) {
    value_offsets_[i + 1] = value_offsets_[i] + value_counts[i];
    // A count below 0 is refused with its item, which must not move others.
    step_offsets_[i + 1] = step_offsets_[i] + std::max(0, items[i].steps);
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

void ItemBatch::Clear() {
  items.clear();
  values.clear();
  value_counts.clear();
  times_us.clear();
  known.clear();
  wait_durable = false;
  deadline.reset();
  sink.reset();
  results.clear();
  routed.clear();
}

}  // namespace recur
