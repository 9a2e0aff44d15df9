// The clock of the load generator: monotonic, for what is due and how long it
// took. Everything that takes a TimePoint can be driven by a test.
#ifndef RECUR_CLIENT_LOAD_LOAD_CLOCK_H_
#define RECUR_CLIENT_LOAD_LOAD_CLOCK_H_

#include <chrono>

namespace recur::load {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_LOAD_CLOCK_H_
