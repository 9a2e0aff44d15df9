// recur-train inspect: what is in a model directory.
#ifndef RECUR_MODEL_TRAIN_INSPECT_COMMAND_H_
#define RECUR_MODEL_TRAIN_INSPECT_COMMAND_H_

#include <functional>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "model/train/train_tool.h"

namespace recur {

// As AddForecastCommand (forecast_command.h).
std::function<absl::Status(const Console&)> AddInspectCommand(CLI::App* tool);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_INSPECT_COMMAND_H_
