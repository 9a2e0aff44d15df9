// Everything about a model except its weights: model.json as a value.
#ifndef RECUR_MODEL_SPEC_MODEL_SPEC_H_
#define RECUR_MODEL_SPEC_MODEL_SPEC_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/spec/feature_spec.h"
#include "model/spec/network_spec.h"
#include "model/spec/precision.h"
#include "model/spec/tensor.h"

namespace recur {

enum class Task { kClassify, kForecast };

// How text becomes tokens.
//   kWord       runs of letters and digits (bytes above 127 count as letters);
//               every other visible ASCII character is a word of its own;
//               spaces and control characters only separate.
//   kCharacter  UTF-8 characters; control characters count as spaces; bytes
//               that are not UTF-8 are a character each.
enum class TokenUnit { kWord, kCharacter };

struct TextSpec {
  TokenUnit unit = TokenUnit::kWord;
  bool lowercase = true;  // ASCII letters only

  friend bool operator==(const TextSpec&, const TextSpec&) = default;
};

// Whether a point forecast is a median or a mean.
enum class PointKind { kMedian, kMean };

struct ModelSpec {
  Task task = Task::kClassify;
  NetworkSpec network;
  FeatureSpec features;  // columns empty for text
  bool takes_text = false;
  TextSpec text;                    // if takes_text
  std::vector<std::string> labels;  // kClassify: one per class, 2 for sigmoid
  // kForecast: ascending, in (0, 1); empty: the output is the mean.
  std::vector<double> quantiles;
  std::string description;  // free text from training
  // Of serving, unless the server is told otherwise.
  Precision precision = Precision::kF32;

  friend bool operator==(const ModelSpec&, const ModelSpec&) = default;
};

// Checks every part and that they agree with each other; INVALID_ARGUMENT
// names the field, its value and the limit.
absl::Status ValidateModelSpec(const ModelSpec& spec);

PointKind PointKindOf(const ModelSpec& spec);

// Of the network, then of the features.
std::vector<TensorShape> WeightShapes(const ModelSpec& spec);

absl::string_view TaskName(Task task);  // "classify", "forecast"
absl::StatusOr<Task> ParseTask(absl::string_view name);

// A model as it is trained, stored and loaded.
struct Model {
  ModelSpec spec;
  Weights weights;  // the network's, as WeightShapes lists them
  // Token i + 1 is vocabulary[i]; token 0 stands for every unknown one.
  std::vector<std::string> vocabulary;
  // Those of the features, as FeatureWeightShapes lists them.
  Weights feature_weights;
};

}  // namespace recur

#endif  // RECUR_MODEL_SPEC_MODEL_SPEC_H_
