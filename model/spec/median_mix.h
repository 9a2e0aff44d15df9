// The median of a forecast whose quantiles may not have the level 0.5.
#ifndef RECUR_MODEL_SPEC_MEDIAN_MIX_H_
#define RECUR_MODEL_SPEC_MEDIAN_MIX_H_

#include <cstddef>

#include "absl/types/span.h"

namespace recur {

// (1 - part) * the quantile at `below` + part * that at `above`.
struct MedianMix {
  size_t below = 0;
  size_t above = 0;
  double part = 0.0;
};

// Interpolates between the levels nearest to 0.5; the nearest one alone where
// 0.5 lies outside of them. `levels` ascend; at least one.
MedianMix MixOfMedian(absl::Span<const double> levels);

}  // namespace recur

#endif  // RECUR_MODEL_SPEC_MEDIAN_MIX_H_
