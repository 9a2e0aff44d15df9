// Measures how long a scope takes.
#ifndef RECUR_SERVER_CORE_STOPWATCH_H_
#define RECUR_SERVER_CORE_STOPWATCH_H_

#include <chrono>

#include "server/lane/histogram.h"
#include "server/session/session.h"

namespace recur {

class Stopwatch {
 public:
  explicit Stopwatch(Histogram* histogram) : histogram_(histogram) {}
  ~Stopwatch() {
    const std::chrono::duration<double> took =
        std::chrono::steady_clock::now() - began_;
    histogram_->Observe(took.count());
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  Histogram* const histogram_;
  const TimePoint began_ = std::chrono::steady_clock::now();
};

}  // namespace recur

#endif  // RECUR_SERVER_CORE_STOPWATCH_H_
