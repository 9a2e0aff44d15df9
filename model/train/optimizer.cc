#include "model/train/optimizer.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace recur {
namespace {

bool IsBias(const std::string& name) { return absl::StrContains(name, "bias"); }

void AddL2(double l2, const Weights& weights, Weights* gradients) {
  for (auto& [name, gradient] : *gradients) {
    if (IsBias(name)) continue;
    const std::vector<float>& own = weights.find(name)->second.values;
    for (size_t i = 0; i < own.size(); ++i) {
      gradient.values[i] += static_cast<float>(l2) * own[i];
    }
  }
}

struct Limit {
  absl::string_view name;
  double value;
  bool valid;
  absl::string_view limit;
};

}  // namespace

absl::string_view OptimizerName(OptimizerKind kind) {
  switch (kind) {
    case OptimizerKind::kAdam:
      return "adam";
    case OptimizerKind::kRmsprop:
      return "rmsprop";
    case OptimizerKind::kSgd:
      return "sgd";
  }
  return "";
}

absl::StatusOr<OptimizerKind> ParseOptimizerKind(absl::string_view name) {
  for (OptimizerKind kind :
       {OptimizerKind::kAdam, OptimizerKind::kRmsprop, OptimizerKind::kSgd}) {
    if (name == OptimizerName(kind)) return kind;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "optimizer is \"", name, "\"; it must be adam, rmsprop or sgd"));
}

absl::Status ValidateOptimizer(const OptimizerOptions& options) {
  const auto part = [](double value) { return value >= 0.0 && value < 1.0; };
  const Limit limits[] = {
      {"learning rate", options.learning_rate,
       options.learning_rate > 0.0 && std::isfinite(options.learning_rate),
       "above 0"},
      {"momentum", options.momentum, part(options.momentum), "in [0, 1)"},
      {"weight decay", options.weight_decay, part(options.weight_decay),
       "in [0, 1)"},
      {"l2", options.l2, part(options.l2), "in [0, 1)"},
      {"clip", options.clip_norm,
       options.clip_norm >= 0.0 && std::isfinite(options.clip_norm),
       "0 (off) or above"},
  };
  for (const Limit& limit : limits) {
    if (limit.valid) continue;
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s is %g; it must be %s", limit.name, limit.value, limit.limit));
  }
  return absl::OkStatus();
}

double GlobalNorm(const Weights& values) {
  double sum = 0.0;
  for (const auto& [name, tensor] : values) {
    for (float value : tensor.values) sum += static_cast<double>(value) * value;
  }
  return std::sqrt(sum);
}

double ClipGlobalNorm(double limit, Weights* values) {
  const double norm = GlobalNorm(*values);
  if (limit <= 0.0 || norm <= limit) return norm;
  const auto factor = static_cast<float>(limit / norm);
  for (auto& [name, tensor] : *values) {
    for (float& value : tensor.values) value *= factor;
  }
  return norm;
}

double Optimizer::LearningRate(int64_t n) const {
  const double part =
      options_.warm_up_steps > 0
          ? std::min(1.0, static_cast<double>(n) / options_.warm_up_steps)
          : 1.0;
  return options_.learning_rate * part;
}

void Optimizer::Update(Weights* gradients, Weights* weights) {
  if (options_.l2 > 0.0) AddL2(options_.l2, *weights, gradients);
  ClipGlobalNorm(options_.clip_norm, gradients);
  const double rate = LearningRate(++updates_);
  for (auto& [name, tensor] : *weights) {
    const double decay = IsBias(name) ? 0.0 : options_.weight_decay;
    UpdateTensor(rate, decay, gradients->find(name)->second.values,
                 &memory_[name], &tensor.values);
  }
}

void Optimizer::UpdateTensor(double rate, double decay,
                             const std::vector<float>& slope, Memory* memory,
                             std::vector<float>* weights) const {
  const auto n = static_cast<double>(updates_);
  const auto b1 = static_cast<float>(options_.kind == OptimizerKind::kAdam
                                         ? options_.beta1
                                         : options_.momentum);
  const auto b2 = static_cast<float>(options_.kind == OptimizerKind::kAdam
                                         ? options_.beta2
                                         : options_.decay_rate);
  const auto unbias1 = static_cast<float>(1.0 - std::pow(options_.beta1, n));
  const auto unbias2 = static_cast<float>(1.0 - std::pow(options_.beta2, n));
  const auto epsilon = static_cast<float>(options_.epsilon);
  memory->first.resize(weights->size());
  memory->second.resize(weights->size());
  for (size_t i = 0; i < weights->size(); ++i) {
    float& first = memory->first[i];
    float& second = memory->second[i];
    const float g = slope[i];
    float move = 0.0f;
    if (options_.kind == OptimizerKind::kSgd) {
      first = b1 * first + g;
      move = first;
    } else if (options_.kind == OptimizerKind::kRmsprop) {
      second = b2 * second + (1.0f - b2) * g * g;
      move = g / (std::sqrt(second) + epsilon);
    } else {
      first = b1 * first + (1.0f - b1) * g;
      second = b2 * second + (1.0f - b2) * g * g;
      move = first / unbias1 / (std::sqrt(second / unbias2) + epsilon);
    }
    float& weight = (*weights)[i];
    weight -=
        static_cast<float>(rate) * (move + static_cast<float>(decay) * weight);
  }
}

}  // namespace recur
