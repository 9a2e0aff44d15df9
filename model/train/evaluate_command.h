// recur-train evaluate: a saved model scored on data, with the tables of
// training.
#ifndef RECUR_MODEL_TRAIN_EVALUATE_COMMAND_H_
#define RECUR_MODEL_TRAIN_EVALUATE_COMMAND_H_

#include <functional>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "model/train/train_tool.h"

namespace recur {

// As AddForecastCommand (forecast_command.h).
std::function<absl::Status(const Console&)> AddEvaluateCommand(CLI::App* tool);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_EVALUATE_COMMAND_H_
