// Whether an explanation can be believed: what it calls important is taken
// away, and the answer must move more than without as much chosen at random.
#ifndef RECUR_MODEL_TRAIN_EXPLAIN_REMOVAL_CHECK_H_
#define RECUR_MODEL_TRAIN_EXPLAIN_REMOVAL_CHECK_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "model/train/explain/explainer.h"

namespace recur {

struct RemovalCheck {
  int removed = 0;      // values, or tokens
  double ranked = 0.0;  // how far the answer moves without the highest ranked
  double random = 0.0;  // the mean over `draws` random choices
};

// Removes (Explainer::Remove) the `count` values whose influences are largest,
// and `draws` times as many chosen by `seed`. `explanation` is of the question.
absl::StatusOr<RemovalCheck> CheckByRemoval(Explainer* explainer,
                                            const Question& question,
                                            const Explanation& explanation,
                                            int count, int draws,
                                            uint64_t seed);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_EXPLAIN_REMOVAL_CHECK_H_
