// The machine's peak of single-precision multiply-adds on one core, measured:
// what an engine's arithmetic is compared with. Many independent chains in
// registers, no memory, the widest instructions that the CPU has.
#ifndef RECUR_TESTS_BENCH_FMA_PEAK_H_
#define RECUR_TESTS_BENCH_FMA_PEAK_H_

#include <chrono>

#include "absl/strings/string_view.h"

namespace recur {

// "avx512f", "avx2 fma" or "sse2" (a multiplication and an addition).
absl::string_view FmaInstructions();

// Runs some 20 to 100 us of multiply-adds on the calling thread and returns
// their number of floating-point operations, two per multiply-add.
double RunFmaPortion();

// Portions for so long; GFLOP/s.
double MeasureFmaGflops(std::chrono::duration<double> duration);

}  // namespace recur

#endif  // RECUR_TESTS_BENCH_FMA_PEAK_H_
