#include "model/train/learning/optimizer.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

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

// In eight sums, so that one addition need not wait for the last.
double SumOfSquares(const std::vector<float>& values) {
  constexpr size_t kSums = 8;
  double sums[kSums] = {};
  const size_t whole = values.size() / kSums * kSums;
  for (size_t i = 0; i < whole; i += kSums) {
    for (size_t j = 0; j < kSums; ++j) {
      const double value = values[i + j];
      sums[j] += value * value;
    }
  }
  for (size_t i = whole; i < values.size(); ++i) {
    sums[0] += static_cast<double>(values[i]) * values[i];
  }
  double total = 0.0;
  for (double sum : sums) total += sum;
  return total;
}

// One tensor in one update. The compiler can keep its numbers in registers, as
// nothing written below can be one of them.
struct Move {
  float rate;
  float decay;
  float b1;
  float b2;
  float unbias1;  // one over what the mean lacks after n updates
  float unbias2;
  float epsilon;
};

void MoveBySgd(const Move move, size_t count, const float* __restrict slope,
               float* __restrict first, float* __restrict weight) {
  for (size_t i = 0; i < count; ++i) {
    first[i] = move.b1 * first[i] + slope[i];
    weight[i] -= move.rate * (first[i] + move.decay * weight[i]);
  }
}

void MoveByRmsprop(const Move move, size_t count, const float* __restrict slope,
                   float* __restrict second, float* __restrict weight) {
  for (size_t i = 0; i < count; ++i) {
    const float g = slope[i];
    second[i] = move.b2 * second[i] + (1.0f - move.b2) * g * g;
    const float step = g / (std::sqrt(second[i]) + move.epsilon);
    weight[i] -= move.rate * (step + move.decay * weight[i]);
  }
}

void MoveByAdam(const Move move, size_t count, const float* __restrict slope,
                float* __restrict first, float* __restrict second,
                float* __restrict weight) {
  for (size_t i = 0; i < count; ++i) {
    const float g = slope[i];
    first[i] = move.b1 * first[i] + (1.0f - move.b1) * g;
    second[i] = move.b2 * second[i] + (1.0f - move.b2) * g * g;
    const float step = first[i] * move.unbias1 /
                       (std::sqrt(second[i] * move.unbias2) + move.epsilon);
    weight[i] -= move.rate * (step + move.decay * weight[i]);
  }
}

std::vector<float>& Remembered(const std::string& name, const Tensor& weight,
                               Weights* memory) {
  Tensor& own = (*memory)[name];
  if (own.values.empty()) {
    own = {weight.dims, std::vector<float>(weight.values.size())};
  }
  return own.values;
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

absl::string_view ScheduleName(Schedule schedule) {
  switch (schedule) {
    case Schedule::kConstant:
      return "constant";
    case Schedule::kCosine:
      return "cosine";
    case Schedule::kStep:
      return "step";
  }
  return "";
}

absl::StatusOr<Schedule> ParseSchedule(absl::string_view name) {
  for (Schedule schedule :
       {Schedule::kConstant, Schedule::kCosine, Schedule::kStep}) {
    if (name == ScheduleName(schedule)) return schedule;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "schedule is \"", name, "\"; it must be constant, cosine or step"));
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
  for (const auto& [name, tensor] : values) sum += SumOfSquares(tensor.values);
  return std::sqrt(sum);
}

double ClipGlobalNorm(double limit, Weights* values) {
  const double norm = GlobalNorm(*values);
  if (limit <= 0.0 || !(norm > limit)) return norm;
  const auto factor = static_cast<float>(limit / norm);
  for (auto& [name, tensor] : *values) {
    for (float& value : tensor.values) value *= factor;
  }
  return norm;
}

double Optimizer::LearningRate(int64_t n) const {
  const double warm =
      options_.warm_up_steps > 0
          ? std::min(1.0, static_cast<double>(n) / options_.warm_up_steps)
          : 1.0;
  const double rate = options_.learning_rate * warm;
  if (options_.schedule == Schedule::kConstant || options_.schedule_steps < 1) {
    return rate;
  }
  const double part = std::min(
      1.0, static_cast<double>(n) / static_cast<double>(std::max<int64_t>(
                                        1, options_.schedule_steps)));
  if (options_.schedule == Schedule::kStep) {
    return rate * std::pow(0.1, std::min(2.0, std::floor(3.0 * part)));
  }
  return rate * 0.5 * (1.0 + std::cos(std::numbers::pi * part));
}

double Optimizer::Update(Weights* gradients, Weights* weights) {
  if (options_.l2 > 0.0) AddL2(options_.l2, *weights, gradients);
  const double norm = ClipGlobalNorm(options_.clip_norm, gradients);
  if (!std::isfinite(norm)) return norm;
  const auto n = static_cast<double>(++state_.updates);
  const bool adam = options_.kind == OptimizerKind::kAdam;
  Move move;
  move.rate = static_cast<float>(LearningRate(state_.updates));
  move.b1 = static_cast<float>(adam ? options_.beta1 : options_.momentum);
  move.b2 = static_cast<float>(adam ? options_.beta2 : options_.decay_rate);
  move.unbias1 = static_cast<float>(1.0 / (1.0 - std::pow(options_.beta1, n)));
  move.unbias2 = static_cast<float>(1.0 / (1.0 - std::pow(options_.beta2, n)));
  move.epsilon = static_cast<float>(options_.epsilon);
  for (auto& [name, tensor] : *weights) {
    move.decay =
        IsBias(name) ? 0.0f : static_cast<float>(options_.weight_decay);
    const float* slope = gradients->find(name)->second.values.data();
    float* weight = tensor.values.data();
    const size_t count = tensor.values.size();
    const auto first = [&] {
      return Remembered(name, tensor, &state_.first).data();
    };
    const auto second = [&] {
      return Remembered(name, tensor, &state_.second).data();
    };
    if (options_.kind == OptimizerKind::kSgd) {
      MoveBySgd(move, count, slope, first(), weight);
    } else if (options_.kind == OptimizerKind::kRmsprop) {
      MoveByRmsprop(move, count, slope, second(), weight);
    } else {
      MoveByAdam(move, count, slope, first(), second(), weight);
    }
  }
  return norm;
}

}  // namespace recur
