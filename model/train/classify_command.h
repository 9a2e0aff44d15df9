// recur-train classify: a CSV file in, a classifier and its test out.
#ifndef RECUR_MODEL_TRAIN_CLASSIFY_COMMAND_H_
#define RECUR_MODEL_TRAIN_CLASSIFY_COMMAND_H_

#include <functional>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "model/train/train_tool.h"

namespace recur {

// Adds the command to the tool; what it returns runs the command after the
// command line has been parsed. The app may not outlive it.
std::function<absl::Status(const Console&)> AddClassifyCommand(CLI::App* tool);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_CLASSIFY_COMMAND_H_
