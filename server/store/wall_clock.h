// The time by which rows are over.
#ifndef RECUR_SERVER_STORE_WALL_CLOCK_H_
#define RECUR_SERVER_STORE_WALL_CLOCK_H_

#include <chrono>
#include <cstdint>
#include <functional>

namespace recur {

// Microseconds since the epoch. Called from any thread.
using WallClock = std::function<int64_t()>;

inline int64_t SystemTimeUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace recur

#endif  // RECUR_SERVER_STORE_WALL_CLOCK_H_
