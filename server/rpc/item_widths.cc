#include "server/rpc/item_widths.h"

#include <string>

#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"

namespace recur {
namespace {

constexpr uint64_t kMaxSteps = uint64_t{1} << 24;

struct Totals {
  uint64_t known_steps = 0;
  uint64_t known_values = 0;
  uint64_t unknown_steps = 0;
  std::optional<uint32_t> columns;  // of the items with a known handle
  bool one_width = true;            // they all have these
  std::optional<uint32_t> unknown_handle;
  bool one_unknown = true;  // there is no other unknown handle
};

Totals Add(absl::Span<const ItemShape> items) {
  Totals totals;
  for (const ItemShape& item : items) {
    if (item.columns.has_value()) {
      totals.known_steps += item.steps;
      totals.known_values += uint64_t{item.steps} * *item.columns;
      totals.one_width &=
          totals.columns.value_or(*item.columns) == *item.columns;
      totals.columns = item.columns;
    } else {
      totals.unknown_steps += item.steps;
      totals.one_unknown &=
          totals.unknown_handle.value_or(item.handle) == item.handle;
      totals.unknown_handle = item.handle;
    }
  }
  return totals;
}

absl::Status BadColumns(std::string message) {
  return ErrorWithReason(absl::StatusCode::kInvalidArgument, "bad_columns",
                         message);
}

std::vector<uint32_t> Widths(absl::Span<const ItemShape> items,
                             std::optional<uint32_t> known, uint32_t unknown) {
  std::vector<uint32_t> widths;
  widths.reserve(items.size());
  for (const ItemShape& item : items) {
    widths.push_back(item.columns.has_value() ? known.value_or(*item.columns)
                                              : unknown);
  }
  return widths;
}

// Whether values can be nobody's but the unknown items'.
bool Unambiguous(const Totals& totals, uint64_t unknown_width) {
  if (totals.one_unknown || !totals.columns.has_value()) return true;
  return totals.one_width && *totals.columns == unknown_width;
}

}  // namespace

absl::StatusOr<std::vector<uint32_t>> DivideValues(
    absl::Span<const ItemShape> items, uint64_t values) {
  const Totals totals = Add(items);
  const uint64_t steps = totals.known_steps + totals.unknown_steps;
  if (steps > kMaxSteps) {
    return BadColumns(absl::StrFormat(
        "items have %d steps; the limit of a message is %d", steps, kMaxSteps));
  }
  if (totals.unknown_steps == 0) {
    if (totals.known_values == values) return Widths(items, std::nullopt, 0);
    if (totals.one_width && steps > 0 && values % steps == 0) {
      return Widths(items, static_cast<uint32_t>(values / steps), 0);
    }
  } else if (values >= totals.known_values) {
    const uint64_t rest = values - totals.known_values;
    const uint64_t width = rest / totals.unknown_steps;
    if (rest % totals.unknown_steps == 0 && Unambiguous(totals, width)) {
      return Widths(items, std::nullopt, static_cast<uint32_t>(width));
    }
  }
  return BadColumns(absl::StrFormat(
      "message has %d values; the models of its items expect %d%s", values,
      totals.known_values,
      totals.unknown_steps > 0 ? " beside those of unknown handles" : ""));
}

}  // namespace recur
