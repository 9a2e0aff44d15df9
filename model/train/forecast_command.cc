#include "model/train/forecast_command.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/data/csv.h"
#include "model/format/model_directory.h"
#include "model/train/command_options.h"
#include "model/train/forecast_data.h"
#include "model/train/forecast_plan.h"
#include "model/train/forecast_trainer.h"
#include "model/train/input_shares.h"
#include "model/train/model_version.h"
#include "model/train/report.h"
#include "model/train/score_forecaster.h"
#include "model/train/serve_model.h"

namespace recur {
namespace {

struct ForecastCommand {
  CommandOptions options;
  ForecastDataOptions data;
  ForecastSettings settings;
  std::string loss = "pinball";
  int season = 0;  // of the floor and of MASE; 0: the usual one, and 1
};

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
  command->add_option("--horizon", own->data.horizon, "steps to forecast")
      ->required();
  command
      ->add_option("--test", own->data.test,
                   "part of the rows, the newest, kept for the test")
      ->capture_default_str();
  command->add_option("--test-rows,--test-steps", own->data.test_rows,
                      "or exactly so many rows, in whole horizons");
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
                   "seasons in steps: the values that far back become inputs")
      ->delimiter(',');
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

// Everything about the file, read.
struct Prepared {
  ForecastData data;
  ForecastPlan plan;
  TrainingOptions training;
};

absl::StatusOr<Prepared> Prepare(const ForecastCommand& own) {
  auto training = TrainingOf(own.options);
  if (!training.ok()) return training.status();
  auto precision = PrecisionOf(own.options);
  if (!precision.ok()) return precision.status();
  ForecastSettings settings = own.settings;
  auto cell = CellOf(own.options);
  if (!cell.ok()) return cell.status();
  if (own.loss != "pinball" && own.loss != "mse") {
    return absl::InvalidArgumentError(absl::StrFormat(
        "--loss is \"%s\"; it must be pinball or mse", own.loss));
  }
  auto loss = ParseLossKind(own.loss);
  if (!loss.ok()) return loss.status();
  settings.cell = *cell;
  settings.loss = *loss;
  settings.hidden_size = own.options.hidden;
  settings.layers = own.options.layers;
  settings.calendar = !own.options.no_calendar;
  settings.utc_offset_minutes = own.options.utc_offset_minutes;
  auto table = CsvTable::Read(own.options.data);
  if (!table.ok()) return table.status();
  auto data = MakeForecastData(*table, own.data);
  if (!data.ok()) return data.status();
  auto plan = PlanForecast(*data, settings);
  if (!plan.ok()) return plan.status();
  plan->spec.precision = *precision;
  return Prepared{*std::move(data), *std::move(plan), *std::move(training)};
}

std::string RowName(const ForecastData& data, int row) {
  return data.table.times.empty() ? absl::StrCat("row ", row + 1)
                                  : FormatTime(data.table.times[row]);
}

absl::Status TestModel(const ForecastCommand& own, const Prepared& prepared,
                       const Model& model, ForecastReport* report) {
  auto servable = ServeModel(model);
  if (!servable.ok()) return servable.status();
  auto inputs = ForecastInputShares(model, prepared.data);
  if (!inputs.ok()) return inputs.status();
  report->inputs = *std::move(inputs);
  return ScoreForecaster(*servable, prepared.data, own.season, report);
}

void TellPlan(const Prepared& prepared, const Console& console) {
  const ForecastData& data = prepared.data;
  console.err << absl::StrFormat(
      "%s: %d rows to train on, %s to %s; %d for the test\n", data.path,
      data.train_rows(), RowName(data, 0), RowName(data, data.train_rows() - 1),
      data.test_rows);
  for (const std::string& reason : prepared.plan.reasons) {
    console.err << reason << "\n";
  }
}

absl::Status Write(const ForecastCommand& own, const Model& model,
                   const ForecastReport& report, const Console& console) {
  if (own.options.out.empty()) return absl::OkStatus();
  auto directory = NextVersion(own.options.out);
  if (!directory.ok()) return directory.status();
  const absl::Status status =
      WriteModel(model, *directory,
                 {{"metrics.json", ForecastJson(report)},
                  {"report.html", ForecastHtml(report)}});
  if (status.ok()) console.err << "wrote " << directory->string() << "\n";
  return status;
}

absl::Status RunForecast(const ForecastCommand& own, const Console& console) {
  auto prepared = Prepare(own);
  if (!prepared.ok()) return prepared.status();
  if (!own.options.quiet) TellPlan(*prepared, console);
  Progress progress(own.options.quiet ? nullptr : &console.err,
                    console.terminal);
  const auto start = std::chrono::steady_clock::now();
  auto training =
      TrainForecaster(prepared->data, prepared->plan, prepared->training,
                      own.options.max_steps, &progress);
  if (!training.ok()) return training.status();
  const std::chrono::duration<double> passed =
      std::chrono::steady_clock::now() - start;
  ForecastReport report;
  report.training = {.data = prepared->data.path,
                     .train_rows = prepared->data.train_rows(),
                     .test_rows = prepared->data.test_rows,
                     .seed = prepared->training.seed,
                     .steps = training->steps,
                     .seconds = passed.count(),
                     .validation = training->validation_error,
                     .choices = prepared->plan.reasons};
  report.training.validation_name = "loss";
  report.training.curves = progress.curves();
  if (auto s = TestModel(own, *prepared, training->model, &report); !s.ok()) {
    return s;
  }
  console.out << (own.options.json ? ForecastJson(report)
                                   : ForecastText(report));
  return Write(own, training->model, report, console);
}

}  // namespace

std::function<absl::Status(const Console&)> AddForecastCommand(CLI::App* tool) {
  auto own = std::make_shared<ForecastCommand>();
  own->options.max_steps = 700;
  CLI::App* command = tool->add_subcommand(
      "forecast", "Train a model that forecasts the next steps of a series");
  AddColumns(command, own.get());
  AddModel(command, own.get());
  AddCommandOptions(command, &own->options);
  return [own](const Console& console) { return RunForecast(*own, console); };
}

}  // namespace recur
