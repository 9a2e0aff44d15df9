#include <benchmark/benchmark.h>
#include <malloc.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/lane/session_table.h"
#include "server/lane/step_batcher.h"
#include "tests/bench/bench_servable.h"
#include "tests/bench/parts.h"

namespace recur {
namespace {

constexpr int kRuns = 256;
constexpr int kMaxRows = 64;
constexpr int kSessions = 100'000;

// A message of 256 items on its way through: queued, taken in batches.
void Batch(benchmark::State& state) {
  StepBatcher batcher(kMaxRows);
  std::vector<RunId> batch;
  for (auto _ : state) {
    for (RunId run = 0; run < kRuns; ++run) batcher.Add(run, 0, false);
    while (batcher.NextBatch(&batch)) benchmark::DoNotOptimize(batch.data());
  }
  state.SetItemsProcessed(state.iterations() * kRuns);
}

size_t HeapBytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// Open sessions and what a table keeps beside them; ids as a client gives.
void OpenSessions(benchmark::State& state, int hidden_size) {
  const auto model = BenchServable(hidden_size);
  if (!model.ok()) {
    return state.SkipWithError(model.status().ToString().c_str());
  }
  double bytes = 0;
  for (auto _ : state) {
    const size_t before = HeapBytes();
    SessionTable table({});
    for (int i = 0; i < kSessions; ++i) {
      const auto opened = table.Open({.id = absl::StrCat("sensor-", i),
                                      .request_id = absl::StrCat("open-", i),
                                      .model = *model,
                                      .idle_ttl = std::chrono::hours(24)},
                                     TimePoint{});
      if (!opened.ok()) {
        return state.SkipWithError(opened.status().ToString().c_str());
      }
    }
    bytes = static_cast<double>(HeapBytes() - before) / kSessions;
  }
  state.SetItemsProcessed(state.iterations() * kSessions);
  state.counters["bytes"] = bytes;
}

}  // namespace

void RegisterLaneBenchmarks() {
  benchmark::RegisterBenchmark("batcher/256_runs", Batch);
  for (const int hidden : {64, 128}) {
    benchmark::RegisterBenchmark(
        absl::StrCat("open/lstm/", hidden).c_str(),
        [hidden](benchmark::State& state) { OpenSessions(state, hidden); })
        ->Unit(benchmark::kMillisecond);
  }
}

}  // namespace recur
