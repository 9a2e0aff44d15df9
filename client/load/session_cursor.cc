#include "client/load/session_cursor.h"

#include <numeric>

namespace recur::load {

SessionCursor::SessionCursor(uint32_t sessions, Order order, uint64_t seed)
    : sessions_(sessions), order_(order), random_(seed) {
  if (order == Order::kInOrder) return;
  shuffled_.resize(sessions);
  std::iota(shuffled_.begin(), shuffled_.end(), 0u);
}

}  // namespace recur::load
