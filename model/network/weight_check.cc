#include "model/network/weight_check.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace recur {
namespace {

std::string ShapeText(const std::vector<int64_t>& dims) {
  return absl::StrCat("[", absl::StrJoin(dims, ", "), "]");
}

absl::Status CheckTensor(const TensorShape& expected, const Weights& weights) {
  const auto found = weights.find(expected.name);
  if (found == weights.end()) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "weight \"%s\" is missing; the network needs it with shape %s",
        expected.name, ShapeText(expected.dims)));
  }
  const Tensor& tensor = found->second;
  if (tensor.dims != expected.dims) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "weight \"%s\" has shape %s; the network needs %s", expected.name,
        ShapeText(tensor.dims), ShapeText(expected.dims)));
  }
  const int64_t count = ElementCount(expected.dims);
  if (static_cast<int64_t>(tensor.values.size()) != count) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "weight \"%s\" has %d values; its shape %s needs %d", expected.name,
        tensor.values.size(), ShapeText(expected.dims), count));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckWeights(const NetworkSpec& spec, const Weights& weights) {
  if (auto status = ValidateNetworkSpec(spec); !status.ok()) return status;
  std::set<std::string, std::less<>> known;
  for (const TensorShape& shape : WeightShapes(spec)) {
    if (auto s = CheckTensor(shape, weights); !s.ok()) return s;
    known.insert(shape.name);
  }
  for (const auto& [name, tensor] : weights) {
    if (known.count(name) == 0) {
      return absl::InvalidArgumentError(
          absl::StrFormat("weight \"%s\" of shape %s is not of this network",
                          name, ShapeText(tensor.dims)));
    }
  }
  return absl::OkStatus();
}

}  // namespace recur
