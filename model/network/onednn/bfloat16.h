// float <-> bfloat16, the upper half of a float's bits: sign, 8 bits of
// exponent, 7 of significand.
#ifndef RECUR_MODEL_NETWORK_ONEDNN_BFLOAT16_H_
#define RECUR_MODEL_NETWORK_ONEDNN_BFLOAT16_H_

#include <cstdint>

namespace recur {

using Bfloat16 = uint16_t;

// Rounds to the nearest, ties to even; beyond the largest it gives infinity,
// of NaN a NaN. 16 values at a time on a CPU with AVX-512, chosen at run time;
// the bits are the same everywhere.
void ToBfloat16(const float* from, int64_t count, Bfloat16* to);

// Exact.
void FromBfloat16(const Bfloat16* from, int64_t count, float* to);

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_ONEDNN_BFLOAT16_H_
