#include "model/train/learning/merge_members.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"

namespace recur {
namespace {

// How one dimension of a tensor is laid out when members stand side by side.
struct Axis {
  int64_t size = 0;  // of one member
  // Halves of a bidirectional layer's output: each holds all members.
  int blocks = 1;
  bool apart = false;  // every member has its own part of the merged dimension

  int64_t Merged(int members) const { return apart ? size * members : size; }
  // Where entry i of a member is in the merged dimension.
  int64_t Index(int64_t i, int member, int members) const {
    if (!apart) return i;
    const int64_t block = size / blocks;
    return (i / block * members + member) * block + i % block;
  }
};

std::vector<Axis> AxesOf(const NetworkSpec& spec, const TensorShape& shape) {
  std::vector<Axis> axes;
  for (int64_t dim : shape.dims) axes.push_back({dim});
  const int directions = DirectionCount(spec);
  if (shape.name == "embedding.weight") {
    axes[1].apart = true;
  } else if (shape.name == "head.weight") {
    axes[0].apart = true;
    axes[0].blocks = directions;
  } else if (absl::StartsWith(shape.name, "layers.")) {
    axes.back().apart = true;
    const bool first = absl::StartsWith(shape.name, "layers.0.");
    if (absl::EndsWith(shape.name, ".weight_hidden")) axes[0].apart = true;
    if (absl::EndsWith(shape.name, ".weight_input")) {
      // All members read the same values, but each its own embedding.
      axes[0].apart = !first || spec.vocabulary_size > 0;
      axes[0].blocks = first ? 1 : directions;
    }
  }
  return axes;
}

Tensor Empty(const std::vector<Axis>& axes, int members) {
  Tensor tensor;
  for (const Axis& axis : axes) tensor.dims.push_back(axis.Merged(members));
  tensor.values.assign(ElementCount(tensor.dims), 0.0f);
  return tensor;
}

void AddMember(const std::vector<Axis>& axes, const std::vector<float>& values,
               float part, int member, int members, Tensor* merged) {
  for (size_t i = 0; i < values.size(); ++i) {
    int64_t rest = static_cast<int64_t>(i);
    int64_t at = 0;
    int64_t stride = 1;
    for (size_t a = axes.size(); a-- > 0;) {
      const Axis& axis = axes[a];
      at += stride * axis.Index(rest % axis.size, member, members);
      rest /= axis.size;
      stride *= axis.Merged(members);
    }
    merged->values[at] += part * values[i];
  }
}

}  // namespace

NetworkSpec MergedSpec(const NetworkSpec& spec, int members) {
  NetworkSpec merged = spec;
  merged.hidden_size *= members;
  merged.embedding_size *= members;
  return merged;
}

Weights MergeMembers(const NetworkSpec& spec,
                     const std::vector<Weights>& members) {
  const int count = static_cast<int>(members.size());
  Weights merged;
  for (const TensorShape& shape : WeightShapes(spec)) {
    const std::vector<Axis> axes = AxesOf(spec, shape);
    Tensor tensor = Empty(axes, count);
    const float part = absl::StartsWith(shape.name, "head.")
                           ? 1.0f / static_cast<float>(count)
                           : 1.0f;
    for (int member = 0; member < count; ++member) {
      AddMember(axes, members[member].find(shape.name)->second.values, part,
                member, count, &tensor);
    }
    merged.emplace(shape.name, std::move(tensor));
  }
  return merged;
}

}  // namespace recur
