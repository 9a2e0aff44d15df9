// The command line of `recur-train forecast`, as text and as the values it
// stands for.
#ifndef RECUR_MODEL_TRAIN_FORECAST_OPTIONS_H_
#define RECUR_MODEL_TRAIN_FORECAST_OPTIONS_H_

#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "model/train/command_options.h"
#include "model/train/forecast/forecast_data.h"
#include "model/train/forecast/forecast_plan.h"

namespace recur {

struct ForecastCommand {
  CommandOptions options;
  ForecastDataOptions data;
  ForecastSettings settings;
  std::string loss = "pinball";
  int folds = 0;   // of a rolling-origin evaluation; 0: none
  int season = 0;  // of the floor and of MASE; 0: the usual one, and 1
  int test_stride = 0;
};

// Registers them with their defaults, which are those already in *own.
void AddForecastOptions(CLI::App* command, ForecastCommand* own);

// The settings with the words parsed. INVALID_ARGUMENT naming the first option
// that is none of its choices.
absl::StatusOr<ForecastSettings> SettingsOf(const ForecastCommand& own);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_FORECAST_OPTIONS_H_
