// The engine against the machine, as ratios of measurements made in turn: what
// one core does then matters less than how it compares a moment later, so that
// a noisy neighbour cancels out. Medians over the repetitions.
#ifndef RECUR_TESTS_BENCH_ENGINE_PAIRS_H_
#define RECUR_TESTS_BENCH_ENGINE_PAIRS_H_

#include <chrono>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "model/network/engine.h"

namespace recur {

struct PairOptions {
  std::vector<int> cpus = {0, 1};  // the first one's rates are reported
  int batch = 64;
  int repetitions = 9;
  std::chrono::milliseconds window{150};  // of each measurement
};

// Batches whose states are one block, while the other cores do the same.
struct EngineAlone {
  double steps_per_second = 0;
  double fma_gflops = 0;         // the peak, all cores busy with it
  double share_of_fma_peak = 0;  // median of the ratios
};
absl::StatusOr<EngineAlone> MeasureEngineAlone(
    const std::shared_ptr<const Engine>& engine, const PairOptions& options);

// 16 batches of sequences per core, one core (each in turn) against both.
struct TwoLanes {
  double engine_two_over_one = 0;
  double fma_two_over_one = 0;
  double efficiency = 0;  // median of the ratios of the two
};
// INVALID_ARGUMENT unless there are two cpus.
absl::StatusOr<TwoLanes> MeasureTwoLanes(
    const std::shared_ptr<const Engine>& engine, const PairOptions& options);

}  // namespace recur

#endif  // RECUR_TESTS_BENCH_ENGINE_PAIRS_H_
