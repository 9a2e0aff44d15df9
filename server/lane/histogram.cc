#include "server/lane/histogram.h"

namespace recur {

absl::Span<const double> LatencyBoundsSeconds() {
  static constexpr double kBounds[] = {
      1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3,
      5e-3, 1e-2, 2e-2, 5e-2, 1e-1, 2e-1, 5e-1, 1.0,  2.0,  5.0,  10.0};
  return kBounds;
}

absl::Span<const double> BatchBoundsRows() {
  static constexpr double kBounds[] = {1, 2, 4, 8, 16, 24, 32, 48, 64};
  return kBounds;
}

}  // namespace recur
