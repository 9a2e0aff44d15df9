// What a model's recurrent layers are computed in: a trade of speed for
// accuracy that is made when a model is loaded. Weights are stored in f32
// whatever it is, and states are handed in and out as f32.
//
//   f32   IEEE 754 binary32: 24 bits of significand.
//   bf16  bfloat16 weights, inputs and hidden states (8 bits of significand,
//         the range of f32), multiplied into f32 sums; the cell state of an
//         LSTM, biases and heads stay f32.
#ifndef RECUR_MODEL_SPEC_PRECISION_H_
#define RECUR_MODEL_SPEC_PRECISION_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace recur {

enum class Precision { kF32, kBf16 };

absl::string_view PrecisionName(Precision precision);  // "f32", "bf16"

// INVALID_ARGUMENT naming the value and the choices.
absl::StatusOr<Precision> ParsePrecision(absl::string_view name);

}  // namespace recur

#endif  // RECUR_MODEL_SPEC_PRECISION_H_
