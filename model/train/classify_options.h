// The command line of `recur-train classify`, as text and as the values it
// stands for.
#ifndef RECUR_MODEL_TRAIN_CLASSIFY_OPTIONS_H_
#define RECUR_MODEL_TRAIN_CLASSIFY_OPTIONS_H_

#include <optional>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "model/train/classify/classify_data.h"
#include "model/train/classify/classify_plan.h"
#include "model/train/command_options.h"

namespace recur {

struct ClassifyCommand {
  CommandOptions options;
  ClassifyDataOptions data;
  ClassifySettings settings;
  std::string unit = "auto";
  std::string head = "softmax";
  std::string pooling = "auto";
  std::string class_weights = "none";
  bool keep_case = false;
  std::optional<int> epochs;
  int folds = 0;  // of a cross-validation; 0: none
};

// Registers them with their defaults, which are those already in *own.
void AddClassifyOptions(CLI::App* command, ClassifyCommand* own);

// The settings with the words parsed. INVALID_ARGUMENT naming the first option
// that is none of its choices or does not go with another.
absl::StatusOr<ClassifySettings> SettingsOf(const ClassifyCommand& own);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_CLASSIFY_OPTIONS_H_
