// How fast cores are when they work at the same time: at multiply-adds, and
// stepping one shared engine with sequences of their own, as lanes do.
#ifndef RECUR_TESTS_BENCH_CORE_RATES_H_
#define RECUR_TESTS_BENCH_CORE_RATES_H_

#include <chrono>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "model/network/engine.h"
#include "tests/bench/engine_load.h"
#include "tests/bench/pinned_thread.h"

namespace recur {

enum class CoreWork {
  kMultiplyAdd,  // its rate is in operations per second
  kEngine,       // in steps per second
};

class CoreRates {
 public:
  // A thread on each of these cores, each with a workspace and sequences.
  static absl::StatusOr<std::unique_ptr<CoreRates>> Create(
      const std::shared_ptr<const Engine>& engine, const std::vector<int>& cpus,
      const EngineLoad::Options& options);
  ~CoreRates();

  // Does the work on the chosen cores (indices into `cpus`) from the same
  // moment on, for `window`. The rate of each, in their order.
  std::vector<double> Measure(CoreWork work, const std::vector<int>& chosen,
                              std::chrono::milliseconds window);

 private:
  struct Core {
    explicit Core(int cpu) : thread(cpu) {}

    std::unique_ptr<EngineLoad> load;  // made on the thread
    double rate = 0;
    PinnedThread thread;  // the last member: ends first
  };

  CoreRates() = default;

  std::vector<std::unique_ptr<Core>> cores_;
};

}  // namespace recur

#endif  // RECUR_TESTS_BENCH_CORE_RATES_H_
