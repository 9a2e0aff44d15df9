#include "model/network/onednn/bfloat16.h"

#include <bit>

// The same loops are compiled twice: for any x86-64, and for AVX-512.
#if defined(__x86_64__)
#define RECUR_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl")))
#else
#define RECUR_AVX512
#endif

namespace recur {
namespace {

bool HasAvx512() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl");
#else
  return false;
#endif
}

// Half of what is cut off, less one unless the kept part is odd, carries into
// it exactly if rounding is due. A NaN could be carried away.
[[gnu::always_inline]] inline Bfloat16 Rounded(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const uint32_t rounded = bits + 0x7fffu + ((bits >> 16) & 1u);
  const bool is_nan = (bits & 0x7fffffffu) > 0x7f800000u;
  return static_cast<Bfloat16>((is_nan ? bits | 0x400000u : rounded) >> 16);
}

[[gnu::always_inline]] inline void Narrow(const float* __restrict from,
                                          int64_t count,
                                          Bfloat16* __restrict to) {
  for (int64_t i = 0; i < count; ++i) to[i] = Rounded(from[i]);
}

[[gnu::always_inline]] inline void Widen(const Bfloat16* __restrict from,
                                         int64_t count, float* __restrict to) {
  for (int64_t i = 0; i < count; ++i) {
    to[i] = std::bit_cast<float>(static_cast<uint32_t>(from[i]) << 16);
  }
}

RECUR_AVX512 void NarrowWide(const float* from, int64_t count, Bfloat16* to) {
  Narrow(from, count, to);
}

RECUR_AVX512 void WidenWide(const Bfloat16* from, int64_t count, float* to) {
  Widen(from, count, to);
}

const bool kWide = HasAvx512();

}  // namespace

void ToBfloat16(const float* from, int64_t count, Bfloat16* to) {
  kWide ? NarrowWide(from, count, to) : Narrow(from, count, to);
}

void FromBfloat16(const Bfloat16* from, int64_t count, float* to) {
  kWide ? WidenWide(from, count, to) : Widen(from, count, to);
}

}  // namespace recur
