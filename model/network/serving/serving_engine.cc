#include "model/network/serving/serving_engine.h"

#include "model/network/native/native_engine.h"
#include "model/network/onednn/onednn_engine.h"

namespace recur {

absl::StatusOr<std::shared_ptr<const Engine>> CreateServingEngine(
    const NetworkSpec& spec, const Weights& weights, Precision precision) {
  if (precision == Precision::kF32) {
    auto native = CreateNativeEngine(spec, weights);
    if (!absl::IsUnimplemented(native.status())) return native;
  }
  return CreateOnednnEngine(spec, weights, precision);
}

}  // namespace recur
