#include "model/train/learning/loss.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

namespace recur {
namespace {

constexpr LossKind kKinds[] = {LossKind::kMse, LossKind::kPinball,
                               LossKind::kSoftmax, LossKind::kSigmoid};

double Square(float output, float target, double part, float* gradient) {
  const double error = static_cast<double>(output) - target;
  *gradient = static_cast<float>(2.0 * error * part);
  return error * error;
}

double Pinball(const std::vector<double>& levels, const float* outputs,
               float target, double part, float* gradient) {
  const double share = 1.0 / static_cast<double>(levels.size());
  double sum = 0.0;
  for (size_t q = 0; q < levels.size(); ++q) {
    const double error = static_cast<double>(target) - outputs[q];
    const double slope = error < 0.0 ? levels[q] - 1.0 : levels[q];
    sum += error * slope * share;
    gradient[q] = static_cast<float>(-slope * share * part);
  }
  return sum;
}

double Softmax(int classes, const float* outputs, float target, double part,
               float* gradient) {
  const double highest = *std::max_element(outputs, outputs + classes);
  double total = 0.0;
  for (int i = 0; i < classes; ++i) total += std::exp(outputs[i] - highest);
  const int truth = static_cast<int>(target);
  for (int i = 0; i < classes; ++i) {
    const double probability = std::exp(outputs[i] - highest) / total;
    gradient[i] =
        static_cast<float>((probability - (i == truth ? 1.0 : 0.0)) * part);
  }
  return std::log(total) + highest - outputs[truth];
}

double Sigmoid(float output, float target, double part, float* gradient) {
  const double y = output;
  const double probability = 1.0 / (1.0 + std::exp(-y));
  *gradient = static_cast<float>((probability - target) * part);
  // log(1 + exp(y)) - target * y without overflow.
  return std::max(y, 0.0) + std::log1p(std::exp(-std::abs(y))) - target * y;
}

double ClassWeight(const Loss& loss, float target) {
  return loss.class_weights.empty()
             ? 1.0
             : loss.class_weights[static_cast<int>(target)];
}

double OneTarget(const Loss& loss, const float* outputs, float target,
                 double part, float* gradient) {
  switch (loss.kind) {
    case LossKind::kMse:
      return Square(*outputs, target, part, gradient);
    case LossKind::kPinball:
      return Pinball(loss.levels, outputs, target, part, gradient);
    case LossKind::kSoftmax:
      return ClassWeight(loss, target) *
             Softmax(loss.classes, outputs, target,
                     part * ClassWeight(loss, target), gradient);
    case LossKind::kSigmoid:
      return ClassWeight(loss, target) *
             Sigmoid(*outputs, target, part * ClassWeight(loss, target),
                     gradient);
  }
  return 0.0;
}

}  // namespace

absl::string_view LossName(LossKind kind) {
  switch (kind) {
    case LossKind::kMse:
      return "mse";
    case LossKind::kPinball:
      return "pinball";
    case LossKind::kSoftmax:
      return "softmax";
    case LossKind::kSigmoid:
      return "sigmoid";
  }
  return "";
}

absl::StatusOr<LossKind> ParseLossKind(absl::string_view name) {
  for (LossKind kind : kKinds) {
    if (name == LossName(kind)) return kind;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "loss is \"", name, "\"; it must be mse, pinball, softmax or sigmoid"));
}

int OutputsPerTarget(const Loss& loss) {
  switch (loss.kind) {
    case LossKind::kPinball:
      return static_cast<int>(loss.levels.size());
    case LossKind::kSoftmax:
      return loss.classes;
    default:
      return 1;
  }
}

int64_t GivenTargets(absl::Span<const float> targets) {
  return std::count_if(targets.begin(), targets.end(),
                       [](float target) { return !std::isnan(target); });
}

double EvaluateLoss(const Loss& loss, absl::Span<const float> outputs,
                    absl::Span<const float> targets, int64_t given,
                    std::vector<float>* d_outputs) {
  d_outputs->assign(outputs.size(), 0.0f);
  if (given == 0) return 0.0;
  const double part = 1.0 / static_cast<double>(given);
  const int width = OutputsPerTarget(loss);
  double sum = 0.0;
  for (size_t i = 0; i < targets.size(); ++i) {
    if (std::isnan(targets[i])) continue;
    sum += OneTarget(loss, outputs.data() + i * width, targets[i], part,
                     d_outputs->data() + i * width);
  }
  return sum * part;
}

}  // namespace recur
