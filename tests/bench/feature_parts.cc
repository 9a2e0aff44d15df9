#include <benchmark/benchmark.h>

#include <chrono>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/features/features.h"
#include "tests/bench/models.h"
#include "tests/bench/parts.h"

namespace recur {
namespace {

// What the served figures use: eight plain columns.
FeatureSpec PlainSpec() {
  return BenchForecaster({.kind = CellKind::kLstm}, 64).spec.features;
}

// Hourly load with a day and a week in it: calendar, changes, two seasons, a
// column that may be missing.
FeatureSpec HourlySpec() {
  FeatureSpec spec = PlainSpec();
  spec.columns[7].may_be_missing = true;
  spec.interval = std::chrono::hours(1);
  spec.calendar = {.day_harmonics = 2, .week_harmonics = 1};
  spec.changes = true;
  spec.seasons = {24, 168};
  spec.anchor = Anchor::kLast;
  return spec;
}

void CheckAndApply(benchmark::State& state, const FeatureSpec& spec) {
  const auto features = Features::Create(spec);
  if (!features.ok()) {
    return state.SkipWithError(features.status().ToString().c_str());
  }
  const bool timed = spec.interval.count() > 0;
  FeatureState remembered = features->InitialState();
  std::vector<double> values(spec.columns.size());
  for (size_t i = 0; i < values.size(); ++i) values[i] = std::sin(1.0 * i);
  std::vector<float> inputs(features->input_size());
  int64_t time_us = 0;
  for (auto _ : state) {
    Observation observation{.values = values};
    if (timed) observation.time_us = time_us += spec.interval.count();
    const auto advance =
        features->Check(observation, remembered.last_time_us, "bench");
    features->Apply(observation, *advance, &remembered, inputs.data());
    benchmark::DoNotOptimize(inputs.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations());
}

}  // namespace

void RegisterFeatureBenchmarks() {
  for (auto& [name, spec] :
       {std::pair{"plain8", PlainSpec()}, std::pair{"hourly8", HourlySpec()}}) {
    benchmark::RegisterBenchmark(
        absl::StrCat("features/", name).c_str(),
        [spec = spec](benchmark::State& state) { CheckAndApply(state, spec); });
  }
}

}  // namespace recur
