// recur-train explain: which inputs and steps moved an answer.
#ifndef RECUR_MODEL_TRAIN_EXPLAIN_COMMAND_H_
#define RECUR_MODEL_TRAIN_EXPLAIN_COMMAND_H_

#include <functional>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "model/train/train_tool.h"

namespace recur {

// As AddForecastCommand (forecast_command.h).
std::function<absl::Status(const Console&)> AddExplainCommand(CLI::App* tool);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_EXPLAIN_COMMAND_H_
