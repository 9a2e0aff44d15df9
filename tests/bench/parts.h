// The parts of recur_bench_parts: each registers its benchmarks with
// google-benchmark. Names are part/what/size/..., so that a filter such as
// --benchmark_filter=engine/lstm picks some.
#ifndef RECUR_TESTS_BENCH_PARTS_H_
#define RECUR_TESTS_BENCH_PARTS_H_

namespace recur {

// engine/CELL/HIDDEN/batch:N/PRECISION: Workspace::Step of one batch.
// Counters: steps/s; share_of_peak, of the multiply-adds that this core did
// a moment ago.
void RegisterEngineBenchmarks();

// features/...: Check and Apply of one observation. items/s are observations.
void RegisterFeatureBenchmarks();

// batcher/...: queueing runs and taking them in batches; items/s are runs.
// open/...: opening sessions in a lane's table; items/s are sessions, the
// counter `bytes` is what each takes on the heap.
void RegisterLaneBenchmarks();

// decode/N, encode/N: a Stream message of N observations from its bytes to a
// batch for the lanes, and N acks to bytes; items/s are observations.
void RegisterStreamBenchmarks();

}  // namespace recur

#endif  // RECUR_TESTS_BENCH_PARTS_H_
