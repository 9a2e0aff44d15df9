// recur_bench_parts: the parts of a step, each alone on one core.
#include <benchmark/benchmark.h>

#include "tests/bench/parts.h"

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  recur::RegisterEngineBenchmarks();
  recur::RegisterFeatureBenchmarks();
  recur::RegisterLaneBenchmarks();
  recur::RegisterStreamBenchmarks();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
