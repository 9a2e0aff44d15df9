#include "tests/sim/shrink.h"

#include <algorithm>

namespace recur::sim {

Plan Shrink(Plan plan, const std::function<bool(const Plan&)>& fails) {
  size_t chunk = std::max<size_t>(plan.faults.size() / 2, 1);
  while (!plan.faults.empty()) {
    bool shorter = false;
    for (size_t first = 0; first < plan.faults.size();) {
      Plan without = plan;
      const auto begin = without.faults.begin() + static_cast<ptrdiff_t>(first);
      const size_t count = std::min(chunk, plan.faults.size() - first);
      without.faults.erase(begin, begin + static_cast<ptrdiff_t>(count));
      if (fails(without)) {
        plan = std::move(without);
        shorter = true;
      } else {
        first += count;
      }
    }
    if (chunk == 1 && !shorter) break;
    chunk = std::max<size_t>(chunk / 2, 1);
  }
  return plan;
}

}  // namespace recur::sim
