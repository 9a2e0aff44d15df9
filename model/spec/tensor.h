// A dense row-major float tensor, and a network's weights by name.
#ifndef RECUR_MODEL_SPEC_TENSOR_H_
#define RECUR_MODEL_SPEC_TENSOR_H_

#include <cstdint>
#include <functional>
#include <map>
#include <numeric>
#include <string>
#include <vector>

namespace recur {

struct Tensor {
  std::vector<int64_t> dims;
  std::vector<float> values;  // product of dims

  friend bool operator==(const Tensor&, const Tensor&) = default;
};

// What a spec says of a weight.
struct TensorShape {
  std::string name;
  std::vector<int64_t> dims;
};

// Elements of a tensor of these dims; dims must be small enough not to
// overflow (ValidateNetworkSpec sees to that).
inline int64_t ElementCount(const std::vector<int64_t>& dims) {
  return std::accumulate(dims.begin(), dims.end(), int64_t{1},
                         std::multiplies<>());
}

// Names and shapes as WeightShapes() lists them.
using Weights = std::map<std::string, Tensor, std::less<>>;

}  // namespace recur

#endif  // RECUR_MODEL_SPEC_TENSOR_H_
