// Exponentials, sigmoids and hyperbolic tangents of sixteen floats, for the
// kernels of this room: 1 to 2 units in the last place, saturating, NaN to NaN.
//
// Arguments are exponents of two: those of gate_scale.h.
//
// No function may be contracted differently where it is inlined twice, or one
// row would have other bits than another: a product that is added to something
// is an explicit fused multiply-add everywhere in this room's kernels.
#ifndef RECUR_MODEL_NETWORK_NATIVE_AVX512_MATH_H_
#define RECUR_MODEL_NETWORK_NATIVE_AVX512_MATH_H_

#if defined(__x86_64__)

// GCC 12 takes the operands that its own intrinsics leave undefined for ours:
// gcc.gnu.org/bugzilla/show_bug.cgi?id=105593.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop

// A function that is compiled for AVX-512 in a file that is not.
#define RECUR_AVX512 __attribute__((target("avx512f")))
#define RECUR_AVX512_INLINE \
  RECUR_AVX512 __attribute__((always_inline)) static inline

namespace recur {

// 2^y = power * 2^fraction, power a power of two, fraction in [-0.5, 0.5].
struct SplitExponent {
  __m512 power;
  __m512 fraction;
};

// Beyond 2^40 and 2^-40 neither sigmoid nor tanh changes by more than 1e-12,
// and a product of three such powers does not overflow. A comparison with NaN
// gives the second operand, so NaN stays. Adding 1.5 * 2^23 rounds to an
// integer, which stands in the lowest bits; with the bias of the exponent, 127,
// beside it they only have to be moved in place.
RECUR_AVX512_INLINE SplitExponent Split(__m512 y) {
  y = _mm512_min_ps(_mm512_set1_ps(40.0f), y);
  y = _mm512_max_ps(_mm512_set1_ps(-40.0f), y);
  const __m512 magic = _mm512_set1_ps(0x1.8p23f + 127.0f);
  const __m512 rounded = _mm512_add_ps(y, magic);
  const __m512 fraction = _mm512_sub_ps(y, _mm512_sub_ps(rounded, magic));
  using Integers = int __attribute__((vector_size(64)));
  const Integers power = reinterpret_cast<Integers>(rounded) << 23;
  return {reinterpret_cast<__m512>(power), fraction};
}

// 1 + 2^y. The polynomial is the best of degree 5 for 2^fraction: Remez's
// algorithm, relative error 7.5e-8.
RECUR_AVX512_INLINE __m512 OnePlusExp2(const SplitExponent& y) {
  const __m512 x = y.fraction;
  __m512 p = _mm512_set1_ps(0x1.5c08e6p-10f);
  p = _mm512_fmadd_ps(p, x, _mm512_set1_ps(0x1.3d0c52p-7f));
  p = _mm512_fmadd_ps(p, x, _mm512_set1_ps(0x1.c6b6e4p-5f));
  p = _mm512_fmadd_ps(p, x, _mm512_set1_ps(0x1.ebf918p-3f));
  p = _mm512_fmadd_ps(p, x, _mm512_set1_ps(0x1.62e428p-1f));
  p = _mm512_fmadd_ps(p, x, _mm512_set1_ps(0x1.000002p0f));
  return _mm512_fmadd_ps(y.power, p, _mm512_set1_ps(1.0f));
}

// 2^y - 1, with a small relative error near 0 too. The polynomial is the best
// of degree 5 for (2^fraction - 1) / fraction: relative error 1.1e-8.
RECUR_AVX512_INLINE __m512 Exp2MinusOne(const SplitExponent& y) {
  const __m512 x = y.fraction;
  __m512 p = _mm512_set1_ps(0x1.4308fap-13f);
  p = _mm512_fmadd_ps(p, x, _mm512_set1_ps(0x1.5f07b4p-10f));
  p = _mm512_fmadd_ps(p, x, _mm512_set1_ps(0x1.3b2bap-7f));
  p = _mm512_fmadd_ps(p, x, _mm512_set1_ps(0x1.c6af6ep-5f));
  p = _mm512_fmadd_ps(p, x, _mm512_set1_ps(0x1.ebfbdep-3f));
  p = _mm512_fmadd_ps(p, x, _mm512_set1_ps(0x1.62e43p-1f));
  const __m512 less_one = _mm512_sub_ps(y.power, _mm512_set1_ps(1.0f));
  return _mm512_fmadd_ps(y.power, _mm512_mul_ps(p, x), less_one);
}

// 1 / (1 + 2^y).
RECUR_AVX512_INLINE __m512 Sigmoid(__m512 y) {
  return _mm512_div_ps(_mm512_set1_ps(1.0f), OnePlusExp2(Split(y)));
}

// (2^y - 1) / (2^y + 1).
RECUR_AVX512_INLINE __m512 Tanh(__m512 y) {
  const __m512 e = Exp2MinusOne(Split(y));
  return _mm512_div_ps(e, _mm512_add_ps(e, _mm512_set1_ps(2.0f)));
}

}  // namespace recur

#endif  // defined(__x86_64__)

#endif  // RECUR_MODEL_NETWORK_NATIVE_AVX512_MATH_H_
