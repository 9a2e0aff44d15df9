#include "model/spec/median_mix.h"

#include <algorithm>

namespace recur {

MedianMix MixOfMedian(absl::Span<const double> levels) {
  const size_t above =
      std::lower_bound(levels.begin(), levels.end(), 0.5) - levels.begin();
  if (above == levels.size()) return {above - 1, above - 1, 0.0};
  if (above == 0 || levels[above] == 0.5) return {above, above, 0.0};
  return {above - 1, above,
          (0.5 - levels[above - 1]) / (levels[above] - levels[above - 1])};
}

}  // namespace recur
