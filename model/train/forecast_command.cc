#include "model/train/forecast_command.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "model/data/csv.h"
#include "model/format/model_directory.h"
#include "model/train/command_options.h"
#include "model/train/explain/input_shares.h"
#include "model/train/forecast/forecast_data.h"
#include "model/train/forecast/forecast_folds.h"
#include "model/train/forecast/forecast_plan.h"
#include "model/train/forecast/forecast_trainer.h"
#include "model/train/forecast/score_forecaster.h"
#include "model/train/learning/serve_model.h"
#include "model/train/model_version.h"
#include "model/train/output_file.h"
#include "model/train/predictions.h"
#include "model/train/report/report.h"
#include "model/train/training_run.h"

namespace recur {
namespace {

struct ForecastCommand {
  CommandOptions options;
  ForecastDataOptions data;
  ForecastSettings settings;
  std::string loss = "pinball";
  int folds = 0;   // of a rolling-origin evaluation; 0: none
  int season = 0;  // of the floor and of MASE; 0: the usual one, and 1
  int test_stride = 0;
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
  command->add_option("--time-zone", own->settings.time_zone,
                      "IANA name of the zone whose days and years are meant, "
                      "as Europe/London; without it --utc-offset");
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

// Everything about the file, read.
struct Prepared {
  ForecastData data;
  ForecastPlan plan;
  TrainingOptions training;
};

absl::StatusOr<Prepared> Prepare(const ForecastCommand& own) {
  const absl::Status writable =
      CheckOutputFile("--predictions", own.options.predictions);
  if (!writable.ok()) return writable;
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
  if (settings.seasons == std::vector<int>{0}) settings.seasons.emplace();
  auto table = CsvTable::Read(own.options.data);
  if (!table.ok()) return table.status();
  auto data = MakeForecastData(*table, own.data);
  if (!data.ok()) return data.status();
  auto plan = PlanForecast(*data, settings);
  if (!plan.ok()) return plan.status();
  plan->spec.precision = *precision;
  return Prepared{*std::move(data), *std::move(plan), *std::move(training)};
}

absl::Status TestModel(const ForecastCommand& own, const Prepared& prepared,
                       const ForecastTraining& training,
                       ForecastReport* report) {
  auto servable = ServeModel(training.model);
  if (!servable.ok()) return servable.status();
  auto inputs = ForecastInputShares(training.model, prepared.data);
  if (!inputs.ok()) return inputs.status();
  report->inputs = *std::move(inputs);
  if (!own.options.predictions.empty()) {
    const absl::Status written = WriteForecasts(
        own.options.predictions, *servable, prepared.data, own.test_stride);
    if (!written.ok()) return written;
  }
  ForecastTest test{.season = own.season,
                    .floor_seasons = FloorSeasons(prepared.plan),
                    .stride = own.test_stride};
  if (own.season > 1) test.floor_seasons = {own.season};
  std::optional<Servable> linear;
  if (training.linear.has_value()) {
    auto served = ServeModel(*training.linear);
    if (!served.ok()) return served.status();
    linear.emplace(*std::move(served));
    test.linear = &*linear;
  }
  return ScoreForecaster(*servable, prepared.data, test, report);
}

void TellPlan(const Prepared& prepared, const Console& console) {
  const ForecastData& data = prepared.data;
  const ForecastSeries& first = data.series[0];
  if (data.series.size() == 1) {
    console.err << absl::StrFormat(
        "%s: %d rows to train on, %s to %s; %d for the test\n", data.path,
        data.train_rows(), first.RowName(0),
        first.RowName(first.train_rows() - 1), data.test_rows());
  } else {
    console.err << absl::StrFormat(
        "%s: %d series, %d rows to train on, %d for the test\n", data.path,
        data.series.size(), data.train_rows(), data.test_rows());
  }
  for (const std::string& reason : prepared.plan.reasons) {
    console.err << reason << "\n";
  }
}

void TellTraining(const ForecastTraining& training, const Console& console) {
  for (const MemberTraining& own : training.members) {
    console.err << absl::StrFormat(
        "%s: %d updates (%d searched), weighs %.0f%% beside its reference\n",
        own.name, own.steps, own.searched_steps, 100.0 * own.share);
  }
  console.err << absl::StrFormat(
      "validation: quantile loss %.4f, linear forecast alone %.4f; band %s\n",
      training.validation_error, training.linear_validation_error,
      absl::StrJoin(training.band_widths, " ", [](std::string* out, double w) {
        absl::StrAppendFormat(out, "x%.2f", w);
      }));
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

// The error on the validation part with other options.
absl::StatusOr<double> TryOptions(ForecastCommand own,
                                  const CommandOptions& options) {
  own.options = options;
  auto prepared = Prepare(own);
  if (!prepared.ok()) return prepared.status();
  prepared->training.refit = false;
  Progress silent(nullptr, false);
  auto training =
      TrainForecaster(prepared->data, prepared->plan, prepared->training,
                      options.max_steps, &silent);
  if (!training.ok()) return training.status();
  return training->validation_error;
}

absl::Status Validate(const ForecastCommand& own, Progress* progress,
                      const Console& console, Prepared* prepared) {
  if (own.folds == 0) return absl::OkStatus();
  if (own.folds < 2) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "--folds is %d; it must be 2 or more, or 0 for none", own.folds));
  }
  auto scores = RollOrigin(prepared->data, prepared->plan, prepared->training,
                           own.options.max_steps, own.folds, progress);
  if (!scores.ok()) return scores.status();
  prepared->plan.reasons.push_back(FoldsText(*scores));
  console.err << FoldsText(*scores) << "\n";
  return absl::OkStatus();
}

// Reads everything, and searches for the options if that is wanted.
absl::StatusOr<Prepared> Begin(const Console& console, TrainingRun* run,
                               ForecastCommand* own,
                               std::vector<Trial>* trials) {
  if (run->start() != nullptr) {
    AdoptSizes(run->start()->spec.network, &own->options);
  }
  auto searched = run->Search(
      console, &own->options,
      [&](const CommandOptions& options) { return TryOptions(*own, options); });
  if (!searched.ok()) return searched.status();
  *trials = *std::move(searched);
  auto prepared = Prepare(*own);
  if (prepared.ok()) prepared->training.start = run->start();
  return prepared;
}

absl::Status RunForecast(ForecastCommand own, const CLI::App& command,
                         const Console& console) {
  auto run = TrainingRun::Begin(own.options, command, {own.options.data});
  if (!run.ok()) return run.status();
  std::vector<Trial> trials;
  auto prepared = Begin(console, run->get(), &own, &trials);
  if (!prepared.ok()) return prepared.status();
  if (!own.options.quiet) TellPlan(*prepared, console);
  Progress progress(own.options.quiet ? nullptr : &console.err,
                    console.terminal);
  const absl::Status validated = Validate(own, &progress, console, &*prepared);
  if (!validated.ok()) return validated;
  prepared->training.checkpoint = (*run)->checkpoint();
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
                     .test_rows = prepared->data.test_rows(),
                     .seed = prepared->training.seed,
                     .steps = training->steps(),
                     .seconds = passed.count(),
                     .validation = training->validation_error,
                     .choices = prepared->plan.reasons,
                     .trials = std::move(trials)};
  report.training.validation_name = "loss";
  report.training.curves = progress.curves();
  if (!own.options.quiet) TellTraining(*training, console);
  if (auto s = TestModel(own, *prepared, *training, &report); !s.ok()) {
    return s;
  }
  console.out << (own.options.json ? ForecastJson(report)
                                   : ForecastText(report));
  if (auto s = Write(own, training->model, report, console); !s.ok()) return s;
  return (*run)->Finish(console);
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
  AddRunOptions(command, &own->options);
  return [own, command](const Console& console) {
    return RunForecast(*own, *command, console);
  };
}

}  // namespace recur
