#include "model/spec/model_spec.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace recur {
namespace {

absl::Status CheckQuantiles(const std::vector<double>& quantiles) {
  double last = 0.0;
  for (double level : quantiles) {
    if (!(level > last && level < 1.0)) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "quantiles has %g; levels must ascend and lie in (0, 1)", level));
    }
    last = level;
  }
  return absl::OkStatus();
}

absl::Status CheckForecast(const ModelSpec& spec) {
  if (spec.network.head != Head::kForecast) {
    return absl::InvalidArgumentError("task forecast needs head forecast");
  }
  if (spec.takes_text) {
    return absl::InvalidArgumentError("task forecast cannot take text");
  }
  if (!spec.labels.empty()) {
    return absl::InvalidArgumentError("labels are for task classify");
  }
  if (spec.network.targets != static_cast<int>(spec.features.targets.size())) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "network.targets is %d; features.targets has %d entries",
        spec.network.targets, spec.features.targets.size()));
  }
  const int levels =
      spec.quantiles.empty() ? 1 : static_cast<int>(spec.quantiles.size());
  if (spec.network.levels != levels) {
    return absl::InvalidArgumentError(
        absl::StrFormat("network.levels is %d; quantiles asks for %d",
                        spec.network.levels, levels));
  }
  return CheckQuantiles(spec.quantiles);
}

absl::Status CheckClassify(const ModelSpec& spec) {
  if (spec.network.head == Head::kForecast) {
    return absl::InvalidArgumentError(
        "task classify needs head softmax or sigmoid");
  }
  if (!spec.quantiles.empty()) {
    return absl::InvalidArgumentError("quantiles are for task forecast");
  }
  const int labels =
      spec.network.head == Head::kSigmoid ? 2 : spec.network.classes;
  if (static_cast<int>(spec.labels.size()) != labels) {
    return absl::InvalidArgumentError(
        absl::StrFormat("labels has %d entries; the head needs %d",
                        spec.labels.size(), labels));
  }
  if (std::set<std::string>(spec.labels.begin(), spec.labels.end()).size() !=
      spec.labels.size()) {
    return absl::InvalidArgumentError("labels has a doubled entry");
  }
  return absl::OkStatus();
}

absl::Status CheckInput(const ModelSpec& spec) {
  if (spec.takes_text != (spec.network.vocabulary_size > 0)) {
    return absl::InvalidArgumentError(
        "a model takes text exactly if its network has a vocabulary_size");
  }
  if (spec.takes_text != spec.features.columns.empty()) {
    return absl::InvalidArgumentError(
        "a model has features.columns exactly if it does not take text");
  }
  if (spec.takes_text) return absl::OkStatus();
  if (spec.network.input_size != InputWidth(spec.features)) {
    return absl::InvalidArgumentError(
        absl::StrFormat("network.input_size is %d; features make %d inputs",
                        spec.network.input_size, InputWidth(spec.features)));
  }
  if (spec.task == Task::kForecast &&
      spec.network.future_size != FutureWidth(spec.features)) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "network.future_size is %d; features make %d for each target step",
        spec.network.future_size, FutureWidth(spec.features)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateModelSpec(const ModelSpec& spec) {
  if (auto s = ValidateNetworkSpec(spec.network); !s.ok()) return s;
  if (auto s = ValidateFeatureSpec(spec.features); !s.ok()) return s;
  if (auto s = CheckInput(spec); !s.ok()) return s;
  return spec.task == Task::kForecast ? CheckForecast(spec)
                                      : CheckClassify(spec);
}

PointKind PointKindOf(const ModelSpec& spec) {
  return spec.quantiles.empty() ? PointKind::kMean : PointKind::kMedian;
}

std::vector<TensorShape> WeightShapes(const ModelSpec& spec) {
  std::vector<TensorShape> shapes = WeightShapes(spec.network);
  for (TensorShape& shape :
       FeatureWeightShapes(spec.features, spec.network.horizon)) {
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

absl::string_view TaskName(Task task) {
  return task == Task::kClassify ? "classify" : "forecast";
}

absl::StatusOr<Task> ParseTask(absl::string_view name) {
  for (Task task : {Task::kClassify, Task::kForecast}) {
    if (name == TaskName(task)) return task;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("task is \"", name, "\"; it must be classify or forecast"));
}

}  // namespace recur
