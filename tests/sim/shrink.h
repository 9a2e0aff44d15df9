// The shortest list of faults that still fails.
#ifndef RECUR_TESTS_SIM_SHRINK_H_
#define RECUR_TESTS_SIM_SHRINK_H_

#include <functional>

#include "tests/sim/plan.h"

namespace recur::sim {

// Leaves out faults of a plan that fails, first many at once and then one by
// one, as long as it still does (Zeller, Hildebrandt: Simplifying and Isolating
// Failure-Inducing Input, 2002). In the end it does not without any of them.
Plan Shrink(Plan plan, const std::function<bool(const Plan&)>& fails);

}  // namespace recur::sim

#endif  // RECUR_TESTS_SIM_SHRINK_H_
