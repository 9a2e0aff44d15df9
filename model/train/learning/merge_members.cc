#include "model/train/learning/merge_members.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"

namespace recur {
namespace {

constexpr int kMostMembers = 16;

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

// Where value i of a member's tensor is in the merged one.
int64_t PlaceOf(const std::vector<Axis>& axes, size_t i, int member,
                int members) {
  auto rest = static_cast<int64_t>(i);
  int64_t place = 0;
  int64_t stride = 1;
  for (size_t a = axes.size(); a-- > 0;) {
    const Axis& axis = axes[a];
    place += stride * axis.Index(rest % axis.size, member, members);
    rest /= axis.size;
    stride *= axis.Merged(members);
  }
  return place;
}

// Whether no hidden unit leads to one of another part, of `members` equal ones.
bool FallsApart(const Tensor& weight_hidden, int64_t hidden, int members) {
  const int64_t part = hidden / members;
  const auto row = static_cast<int64_t>(weight_hidden.values.size()) / hidden;
  for (int64_t i = 0; i < hidden * row; ++i) {
    const bool apart = i / row / part != i % hidden / part;
    if (apart && weight_hidden.values[i] != 0.0f) return false;
  }
  return true;
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
      const Tensor& own = members[member].find(shape.name)->second;
      for (size_t i = 0; i < own.values.size(); ++i) {
        tensor.values[PlaceOf(axes, i, member, count)] += part * own.values[i];
      }
    }
    merged.emplace(shape.name, std::move(tensor));
  }
  return merged;
}

int CountMembers(const NetworkSpec& spec, const Weights& weights) {
  for (int members = std::min(kMostMembers, spec.hidden_size); members > 1;
       --members) {
    bool apart =
        spec.hidden_size % members == 0 && spec.embedding_size % members == 0;
    for (const auto& [name, tensor] : weights) {
      if (!apart) break;
      if (!absl::StartsWith(name, "layers.")) continue;
      if (!absl::EndsWith(name, ".weight_hidden")) continue;
      apart = FallsApart(tensor, spec.hidden_size, members);
    }
    if (apart) return members;
  }
  return 1;
}

NetworkSpec MemberSpec(const NetworkSpec& merged, int members) {
  NetworkSpec spec = merged;
  spec.hidden_size /= members;
  spec.embedding_size /= members;
  return spec;
}

Weights MemberLayers(const NetworkSpec& merged, const Weights& weights,
                     int member, int members) {
  const NetworkSpec spec = MemberSpec(merged, members);
  Weights own;
  for (const TensorShape& shape : WeightShapes(spec)) {
    const bool layer = absl::StartsWith(shape.name, "layers.");
    if (!layer && shape.name != "embedding.weight") continue;
    const std::vector<Axis> axes = AxesOf(spec, shape);
    const Tensor& from = weights.find(shape.name)->second;
    Tensor tensor{shape.dims, {}};
    tensor.values.resize(ElementCount(shape.dims));
    for (size_t i = 0; i < tensor.values.size(); ++i) {
      tensor.values[i] = from.values[PlaceOf(axes, i, member, members)];
    }
    own.emplace(shape.name, std::move(tensor));
  }
  return own;
}

}  // namespace recur
