#include "model/train/forecast_options.h"

#include <vector>

#include "absl/strings/str_format.h"

namespace recur {
namespace {

void AddColumns(CLI::App* command, ForecastCommand* own) {
  command->add_option("--time", own->data.time,
                      "column of times; without it rows are evenly spaced");
  command->add_option("--target", own->data.targets, "column(s) to forecast")
      ->required()
      ->delimiter(',');
  command
      ->add_option("--features", own->data.features,
                   "more columns to learn from")
      ->delimiter(',');
  command
      ->add_option("--known", own->data.known,
                   "columns whose future values are known when a forecast is "
                   "asked for, as holidays or plans")
      ->delimiter(',');
  command->add_option("--horizon", own->data.horizon, "steps to forecast")
      ->required();
  command
      ->add_option("--test", own->data.test,
                   "part of the rows, the newest, kept for the test")
      ->capture_default_str();
  command->add_option("--test-rows,--test-steps", own->data.test_rows,
                      "or exactly so many rows, in whole horizons");
  command
      ->add_option("--test-stride", own->test_stride,
                   "steps between the test's origins; 0: a horizon")
      ->capture_default_str();
  command
      ->add_option("--folds", own->folds,
                   "first score so many models on the training part, each on "
                   "what came right after what it learned from; 0: none")
      ->capture_default_str();
  command
      ->add_option("--validation-rows", own->data.validation_rows,
                   "rows before the test given for validation: nothing is "
                   "fitted on them; 0: some are held back and then fitted on")
      ->capture_default_str();
  command->add_option("--series", own->data.series,
                      "column that tells several series apart");
  command
      ->add_option("--missing", own->data.missing,
                   "number(s) that stand for a missing value, as -999")
      ->delimiter(',');
}

void AddModel(CLI::App* command, ForecastCommand* own) {
  command->add_option("--loss", own->loss, "pinball or mse")
      ->capture_default_str();
  command
      ->add_option("--quantiles", own->settings.quantiles,
                   "levels of pinball, ascending")
      ->delimiter(',')
      ->capture_default_str();
  command
      ->add_option("--seasons", own->settings.seasons,
                   "seasons in steps, the values that far back become inputs; "
                   "0: none; without it they are looked for")
      ->delimiter(',');
  command->add_option("--lags", own->settings.lags,
                      "past values that the linear forecast beside the network "
                      "looks at; 0: there is none; without it they are chosen");
  command
      ->add_option("--decoder", own->settings.decoder_size,
                   "hidden units of the decoder")
      ->capture_default_str();
  command->add_option(
      "--season", own->season,
      "season in steps of the seasonal naive forecast and of MASE; without it "
      "a day, a week or a year by the interval, and 1 for MASE");
  command
      ->add_option("--steps", own->options.max_steps, "at most so many updates")
      ->capture_default_str();
}

}  // namespace

void AddForecastOptions(CLI::App* command, ForecastCommand* own) {
  AddColumns(command, own);
  AddModel(command, own);
  AddCommandOptions(command, &own->options);
}

absl::StatusOr<ForecastSettings> SettingsOf(const ForecastCommand& own) {
  ForecastSettings settings = own.settings;
  if (auto s = TakeOptions(own.options, &settings); !s.ok()) return s;
  if (own.loss != "pinball" && own.loss != "mse") {
    return absl::InvalidArgumentError(absl::StrFormat(
        "--loss is \"%s\"; it must be pinball or mse", own.loss));
  }
  auto loss = ParseLossKind(own.loss);
  if (!loss.ok()) return loss.status();
  settings.loss = *loss;
  if (settings.seasons == std::vector<int>{0}) settings.seasons.emplace();
  return settings;
}

}  // namespace recur
