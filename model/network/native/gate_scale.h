// What a gate's sum is multiplied with before its activation: the kernels take
// exponents of two. Weights are multiplied when they are packed, so that the
// factor costs no step anything.
#ifndef RECUR_MODEL_NETWORK_NATIVE_GATE_SCALE_H_
#define RECUR_MODEL_NETWORK_NATIVE_GATE_SCALE_H_

namespace recur {

// sigmoid(x) = 1 / (1 + 2^y) of y = kSigmoidScale * x.
inline constexpr double kSigmoidScale = -1.4426950408889634;  // -log2(e)

// tanh(x) = (2^y - 1) / (2^y + 1) of y = kTanhScale * x.
inline constexpr double kTanhScale = 2.8853900817779268;  // 2 log2(e)

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_NATIVE_GATE_SCALE_H_
