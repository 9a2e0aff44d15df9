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
#include "model/train/experiment.h"
#include "model/train/explain/input_shares.h"
#include "model/train/forecast/forecast_data.h"
#include "model/train/forecast/forecast_folds.h"
#include "model/train/forecast/forecast_plan.h"
#include "model/train/forecast/forecast_trainer.h"
#include "model/train/forecast/score_forecaster.h"
#include "model/train/forecast_facts.h"
#include "model/train/forecast_options.h"
#include "model/train/learning/serve_model.h"
#include "model/train/model_version.h"
#include "model/train/predictions.h"
#include "model/train/report/report.h"
#include "model/train/training_run.h"

namespace recur {
namespace {

struct ForecastTask {
  using Command = ForecastCommand;
  using Data = ForecastData;
  using Plan = ForecastPlan;

  static void Adopt(const Model& start, ForecastCommand* own) {
    AdoptSizes(start, &own->options);
  }

  static absl::StatusOr<ForecastData> Read(const ForecastCommand& own,
                                           uint64_t /*seed*/) {
    auto table = CsvTable::Read(own.options.data);
    if (!table.ok()) return table.status();
    return MakeForecastData(*table, own.data);
  }

  static absl::StatusOr<ForecastPlan> MakePlan(
      const ForecastData& data, const ForecastSettings& settings) {
    return PlanForecast(data, settings);
  }

  static absl::StatusOr<double> ValidationError(
      const ForecastCommand& /*own*/, const Experiment<ForecastTask>& tried) {
    Progress silent(nullptr, false);
    auto training =
        TrainForecaster(tried.data, tried.plan, tried.training, &silent);
    if (!training.ok()) return training.status();
    return training->validation_error;
  }

  static void UsePart(int part, Experiment<ForecastTask>* experiment) {
    TrainingOptions& training = experiment->training;
    experiment->data =
        WithoutNewest(experiment->data, part * training.validation);
    training.seed += static_cast<uint64_t>(part);
  }
};

using Prepared = Experiment<ForecastTask>;

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
                    .floor_seasons = FloorSeasons(prepared.plan.spec.features),
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

absl::Status Validate(const ForecastCommand& own, Progress* progress,
                      const Console& console, Prepared* prepared) {
  if (own.folds == 0) return absl::OkStatus();
  if (own.folds < 2) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "--folds is %d; it must be 2 or more, or 0 for none", own.folds));
  }
  auto scores = RollOrigin(prepared->data, prepared->plan, prepared->training,
                           own.folds, progress);
  if (!scores.ok()) return scores.status();
  prepared->plan.reasons.push_back(FoldsText(*scores));
  console.err << FoldsText(*scores) << "\n";
  return absl::OkStatus();
}

TrainingSummary Summarize(const Prepared& prepared,
                          const ForecastTraining& training, double seconds) {
  return {.data = prepared.data.path,
          .train_rows = prepared.data.train_rows(),
          .test_rows = prepared.data.test_rows(),
          .seed = prepared.training.seed,
          .steps = training.steps(),
          .seconds = seconds,
          .validation = training.validation_error,
          .validation_name = "loss",
          .facts = FactsOf(prepared.data),
          .choices = prepared.plan.reasons,
          .trials = prepared.trials};
}

absl::Status RunForecast(ForecastCommand own, const CLI::App& command,
                         const Console& console) {
  auto run = TrainingRun::Begin(own.options, command, {own.options.data});
  if (!run.ok()) return run.status();
  auto prepared = BeginExperiment<ForecastTask>(console, run->get(), &own);
  if (!prepared.ok()) return prepared.status();
  if (!own.options.quiet) TellPlan(*prepared, console);
  Progress progress(own.options.quiet ? nullptr : &console.err,
                    console.terminal);
  const absl::Status validated = Validate(own, &progress, console, &*prepared);
  if (!validated.ok()) return validated;
  prepared->training.checkpoint = (*run)->checkpoint();
  const auto start = std::chrono::steady_clock::now();
  auto training = TrainForecaster(prepared->data, prepared->plan,
                                  prepared->training, &progress);
  if (!training.ok()) return training.status();
  const std::chrono::duration<double> passed =
      std::chrono::steady_clock::now() - start;
  ForecastReport report;
  report.training = Summarize(*prepared, *training, passed.count());
  report.training.curves = progress.curves();
  if (!own.options.quiet) TellTraining(*training, console);
  if (auto s = TestModel(own, *prepared, *training, &report); !s.ok()) {
    return s;
  }
  console.out << (own.options.json ? ForecastJson(report)
                                   : ForecastText(report));
  const absl::Status written =
      WriteNextVersion(own.options.out, training->model,
                       {{"metrics.json", ForecastJson(report)},
                        {"report.html", ForecastHtml(report)}},
                       console.err);
  if (!written.ok()) return written;
  return (*run)->Finish(console);
}

}  // namespace

std::function<absl::Status(const Console&)> AddForecastCommand(CLI::App* tool) {
  auto own = std::make_shared<ForecastCommand>();
  CLI::App* command = tool->add_subcommand(
      "forecast", "Train a model that forecasts the next steps of a series");
  AddForecastOptions(command, own.get());
  AddRunOptions(command, &own->options);
  return [own, command](const Console& console) {
    return RunForecast(*own, *command, console);
  };
}

}  // namespace recur
