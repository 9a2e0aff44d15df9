// How a message's packed values are divided among its items. Pure.
#ifndef RECUR_SERVER_RPC_ITEM_WIDTHS_H_
#define RECUR_SERVER_RPC_ITEM_WIDTHS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace recur {

struct ItemShape {
  uint32_t handle = 0;
  uint32_t steps = 0;
  // Values per step that the session's model expects; left out if the handle
  // is not attached.
  std::optional<uint32_t> columns;
};

// The number of values per step of each item, so that all of them together
// are `values`. It is the model's where that adds up. If it does not, all
// items have the same width if their models do and the values can be shared
// evenly. Items with unknown handles share what is left. INVALID_ARGUMENT
// bad_columns otherwise: then nobody can tell whose value is whose.
absl::StatusOr<std::vector<uint32_t>> DivideValues(
    absl::Span<const ItemShape> items, uint64_t values);

}  // namespace recur

#endif  // RECUR_SERVER_RPC_ITEM_WIDTHS_H_
