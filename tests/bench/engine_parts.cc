#include <benchmark/benchmark.h>

#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/network/serving/serving_engine.h"
#include "tests/bench/engine_load.h"
#include "tests/bench/fma_peak.h"
#include "tests/bench/models.h"
#include "tests/bench/parts.h"

namespace recur {
namespace {

struct EngineCase {
  std::string cell;
  int hidden = 0;
  Precision precision = Precision::kF32;
  int batch = 0;
};

// One engine at a time: google-benchmark calls a benchmark several times in a
// row, and making an engine takes longer than timing it.
absl::StatusOr<std::shared_ptr<const Engine>> EngineOf(const EngineCase& of) {
  static std::pair<std::string, std::shared_ptr<const Engine>> kept;
  const std::string name =
      absl::StrCat(of.cell, of.hidden, PrecisionName(of.precision));
  if (kept.first != name) {
    const auto cell = BenchCell(of.cell);
    if (!cell.ok()) return cell.status();
    const Model model = BenchForecaster(*cell, of.hidden);
    auto engine =
        CreateServingEngine(model.spec.network, model.weights, of.precision);
    if (!engine.ok()) return engine.status();
    kept = {name, *std::move(engine)};
  }
  return kept.second;
}

void StepEngine(benchmark::State& state, const EngineCase& of) {
  const auto engine = EngineOf(of);
  if (!engine.ok()) {
    return state.SkipWithError(engine.status().ToString().c_str());
  }
  auto load =
      EngineLoad::Create(*engine, {.batch = of.batch, .sequences = of.batch});
  if (!load.ok()) return state.SkipWithError(load.status().ToString().c_str());
  const double peak = MeasureFmaGflops(std::chrono::milliseconds(20)) * 1e9;
  for (int i = 0; i < 20; ++i) (*load)->StepBatch();
  double steps = 0;
  for (auto _ : state) steps += (*load)->StepBatch();
  const double flop = StepFlop((*engine)->spec());
  state.counters["steps/s"] =
      benchmark::Counter(steps, benchmark::Counter::kIsRate);
  state.counters["share_of_peak"] =
      benchmark::Counter(steps * flop / peak, benchmark::Counter::kIsRate);
}

void Register(const EngineCase& of) {
  const std::string name =
      absl::StrCat("engine/", of.cell, "/", of.hidden, "/batch:", of.batch, "/",
                   PrecisionName(of.precision));
  benchmark::RegisterBenchmark(name.c_str(), [of](benchmark::State& state) {
    StepEngine(state, of);
  })->UseRealTime();
}

}  // namespace

void RegisterEngineBenchmarks() {
  for (const char* cell : {"rnn", "lstm", "gru", "lbr_gru"}) {
    for (const int hidden : {32, 64, 128, 256}) {
      for (const Precision precision : {Precision::kF32, Precision::kBf16}) {
        for (const int batch : {1, 4, 16, 64}) {
          Register({cell, hidden, precision, batch});
        }
      }
    }
  }
}

}  // namespace recur
