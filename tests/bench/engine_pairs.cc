#include "tests/bench/engine_pairs.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/bench/core_rates.h"
#include "tests/bench/models.h"

namespace recur {
namespace {

constexpr int kBatchesPerLane = 16;

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half]
                                : (values[half - 1] + values[half]) / 2;
}

// What two cores do together over what they do one at a time, on average.
double TwoOverOne(CoreRates* rates, CoreWork work,
                  std::chrono::milliseconds window) {
  const double first = rates->Measure(work, {0}, window)[0];
  const std::vector<double> both = rates->Measure(work, {0, 1}, window);
  const double second = rates->Measure(work, {1}, window)[0];
  return (both[0] + both[1]) / ((first + second) / 2);
}

}  // namespace

absl::StatusOr<EngineAlone> MeasureEngineAlone(
    const std::shared_ptr<const Engine>& engine, const PairOptions& options) {
  auto rates =
      CoreRates::Create(engine, options.cpus,
                        {.batch = options.batch, .sequences = options.batch});
  if (!rates.ok()) return rates.status();
  std::vector<int> all;
  for (size_t i = 0; i < options.cpus.size(); ++i) {
    all.push_back(static_cast<int>(i));
  }
  const double flop = StepFlop(engine->spec());
  std::vector<double> steps, peaks, shares;
  (*rates)->Measure(CoreWork::kEngine, all, options.window);  // warms up
  for (int i = 0; i < options.repetitions; ++i) {
    peaks.push_back(
        (*rates)->Measure(CoreWork::kMultiplyAdd, all, options.window)[0]);
    steps.push_back(
        (*rates)->Measure(CoreWork::kEngine, all, options.window)[0]);
    shares.push_back(steps.back() * flop / peaks.back());
  }
  return EngineAlone{.steps_per_second = Median(steps),
                     .fma_gflops = Median(peaks) / 1e9,
                     .share_of_fma_peak = Median(shares)};
}

absl::StatusOr<TwoLanes> MeasureTwoLanes(
    const std::shared_ptr<const Engine>& engine, const PairOptions& options) {
  if (options.cpus.size() != 2) {
    return absl::InvalidArgumentError(absl::StrCat(
        "two lanes need two cores; ", options.cpus.size(), " are given"));
  }
  auto rates = CoreRates::Create(
      engine, options.cpus,
      {.batch = options.batch, .sequences = kBatchesPerLane * options.batch});
  if (!rates.ok()) return rates.status();
  std::vector<double> engines, machines, efficiencies;
  TwoOverOne(rates->get(), CoreWork::kEngine, options.window);  // warms up
  for (int i = 0; i < options.repetitions; ++i) {
    machines.push_back(
        TwoOverOne(rates->get(), CoreWork::kMultiplyAdd, options.window));
    engines.push_back(
        TwoOverOne(rates->get(), CoreWork::kEngine, options.window));
    efficiencies.push_back(engines.back() / machines.back());
  }
  return TwoLanes{.engine_two_over_one = Median(engines),
                  .fma_two_over_one = Median(machines),
                  .efficiency = Median(efficiencies)};
}

}  // namespace recur
