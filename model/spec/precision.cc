#include "model/spec/precision.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace recur {

absl::string_view PrecisionName(Precision precision) {
  return precision == Precision::kBf16 ? "bf16" : "f32";
}

absl::StatusOr<Precision> ParsePrecision(absl::string_view name) {
  for (Precision precision : {Precision::kF32, Precision::kBf16}) {
    if (name == PrecisionName(precision)) return precision;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("precision is \"", absl::CHexEscape(name.substr(0, 60)),
                   "\"; it must be f32 or bf16"));
}

}  // namespace recur
