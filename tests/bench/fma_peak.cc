#include "tests/bench/fma_peak.h"

#include <immintrin.h>

namespace recur {
namespace {

constexpr int kRounds = 10'000;

// More chains than latency times throughput of any multiply-add unit (2 x 5),
// fewer than there are registers.
constexpr int kChains512 = 16;
constexpr int kChains256 = 12;
constexpr int kChains128 = 12;

// x = x / 2 + 1 stays near 2: neither overflow nor denormals. The compiler may
// not fold it, and volatile keeps the result wanted.
constexpr float kFactor = 0.5f;
constexpr float kTerm = 1.0f;
volatile float sink;

__attribute__((target("avx512f"))) double RunAvx512() {
  const __m512 factor = _mm512_set1_ps(kFactor);
  const __m512 term = _mm512_set1_ps(kTerm);
  __m512 x[kChains512];
  for (int i = 0; i < kChains512; ++i) x[i] = _mm512_set1_ps(i);
  for (int round = 0; round < kRounds; ++round) {
#pragma GCC unroll 16
    for (int i = 0; i < kChains512; ++i) {
      x[i] = _mm512_fmadd_ps(x[i], factor, term);
    }
  }
  for (int i = 0; i < kChains512; ++i) sink = _mm512_cvtss_f32(x[i]);
  return 2.0 * 16 * kChains512 * kRounds;
}

__attribute__((target("avx2,fma"))) double RunAvx2() {
  const __m256 factor = _mm256_set1_ps(kFactor);
  const __m256 term = _mm256_set1_ps(kTerm);
  __m256 x[kChains256];
  for (int i = 0; i < kChains256; ++i) x[i] = _mm256_set1_ps(i);
  for (int round = 0; round < kRounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains256; ++i) {
      x[i] = _mm256_fmadd_ps(x[i], factor, term);
    }
  }
  for (int i = 0; i < kChains256; ++i) sink = _mm256_cvtss_f32(x[i]);
  return 2.0 * 8 * kChains256 * kRounds;
}

double RunSse2() {
  const __m128 factor = _mm_set1_ps(kFactor);
  const __m128 term = _mm_set1_ps(kTerm);
  __m128 x[kChains128];
  for (int i = 0; i < kChains128; ++i) x[i] = _mm_set1_ps(i);
  for (int round = 0; round < kRounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains128; ++i) {
      x[i] = _mm_add_ps(_mm_mul_ps(x[i], factor), term);
    }
  }
  for (int i = 0; i < kChains128; ++i) sink = _mm_cvtss_f32(x[i]);
  return 2.0 * 4 * kChains128 * kRounds;
}

struct Kernel {
  absl::string_view instructions;
  double (*run)();
};

const Kernel& BestKernel() {
  static const Kernel kernel = [] {
    if (__builtin_cpu_supports("avx512f")) return Kernel{"avx512f", RunAvx512};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
      return Kernel{"avx2 fma", RunAvx2};
    }
    return Kernel{"sse2", RunSse2};
  }();
  return kernel;
}

}  // namespace

absl::string_view FmaInstructions() { return BestKernel().instructions; }

double RunFmaPortion() { return BestKernel().run(); }

double MeasureFmaGflops(std::chrono::duration<double> duration) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  double flop = 0;
  std::chrono::duration<double> elapsed{0};
  while (elapsed < duration) {
    flop += RunFmaPortion();
    elapsed = Clock::now() - begin;
  }
  return flop / elapsed.count() / 1e9;
}

}  // namespace recur
