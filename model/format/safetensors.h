// The safetensors container (huggingface.co/docs/safetensors), float32 only:
// 8 bytes little-endian header length, a JSON header, then the tensors' bytes
// without holes or overlaps.
#ifndef RECUR_MODEL_FORMAT_SAFETENSORS_H_
#define RECUR_MODEL_FORMAT_SAFETENSORS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/spec/tensor.h"

namespace recur {

// Tensors in ascending order of their names; the header is padded with spaces
// so that the first begins at a multiple of 8 bytes. Every tensor must hold as
// many values as its dims say, and names must be UTF-8.
std::string EncodeSafetensors(const Weights& weights);

// DATA_LOSS saying what is wrong and where: a length beyond the bytes given,
// a header above 16 MiB, bad JSON, another type than F32, offsets with holes
// or overlaps or beyond the end, sizes that overflow, NaN or infinity. Copies
// the values: needs as much memory again as `bytes`, and not more.
absl::StatusOr<Weights> DecodeSafetensors(absl::string_view bytes);

}  // namespace recur

#endif  // RECUR_MODEL_FORMAT_SAFETENSORS_H_
