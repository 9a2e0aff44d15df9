#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/cli/backtest.h"
#include "client/cli/backtest_report.h"
#include "client/cli/command.h"
#include "client/cli/forecast_view.h"
#include "client/cli/json_output.h"
#include "client/cli/observations.h"
#include "client/cli/plot.h"
#include "model/data/csv.h"

namespace recur::cli {
namespace {

constexpr int kChartColumns = 72;

struct Args {
  std::string model;
  std::string csv;
  std::string session;
  std::string time_column;
  std::string known;
  std::string target;
  int context = 5'000;
  int backtest = 0;
  client::ForecastOptions options;
};

absl::Status CheckArgs(const Args& args) {
  if (args.csv.empty() == args.session.empty()) {
    return UsageError("forecast takes one of --csv and --session");
  }
  if (args.session.empty() && args.model.empty()) {
    return UsageError("forecast --csv needs --model");
  }
  if (args.backtest > 0 && (args.csv.empty() || !args.known.empty())) {
    return UsageError(
        "--backtest takes everything, known inputs too, from --csv");
  }
  return absl::OkStatus();
}

absl::StatusOr<int> TargetIndex(const std::vector<std::string>& targets,
                                const std::string& name) {
  if (name.empty()) return 0;
  const auto found = std::find(targets.begin(), targets.end(), name);
  if (found != targets.end()) return static_cast<int>(found - targets.begin());
  return UsageError(
      absl::StrFormat("the model has no target \"%s\"; it has: %s", name,
                      absl::StrJoin(targets, ", ")));
}

// The rows of --known: as many as the forecast has steps.
absl::StatusOr<std::vector<double>> ReadKnown(const std::string& path,
                                              const client::ModelInfo& model,
                                              uint32_t horizon,
                                              std::istream& in) {
  client::ModelInfo known_inputs{.name = model.name};
  for (const client::ModelInput& input : model.inputs) {
    if (input.known_ahead) known_inputs.inputs.push_back(input);
  }
  if (known_inputs.inputs.empty()) {
    return UsageError(absl::StrFormat(
        "model \"%s\" has no inputs that are known ahead", model.name));
  }
  const auto table = ReadTable(path, in);
  if (!table.ok()) return table.status();
  const auto columns = MapColumns(*table, known_inputs, "");
  if (!columns.ok()) return columns.status();
  const auto rows = ReadObservations(*table, *columns);
  if (!rows.ok()) return rows.status();
  const int steps = static_cast<int>(horizon > 0 ? horizon : model.horizon);
  if (rows->rows() < steps) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s has %d rows; a forecast of %d steps needs as many",
                        path, rows->rows(), steps));
  }
  return rows->Slice(0, steps).values;
}

// Of a row, or nothing if no times are known.
std::string TimeOf(const Observations& observations, int row) {
  if (row < 0 || row >= static_cast<int>(observations.times_us.size())) {
    return "";
  }
  return FormatTime(observations.times_us[row]);
}

// What was observed last, to the left of the forecast in the chart.
std::vector<PlotPoint> WithHistory(const Observations& observations, int input,
                                   const ForecastView& view, int target) {
  const int shown = std::min(observations.rows(),
                             std::max(kChartColumns - view.horizon(), 0));
  std::vector<PlotPoint> points;
  for (int row = observations.rows() - shown; row < observations.rows();
       ++row) {
    points.push_back({.truth = observations.row(row)[input]});
  }
  for (int step = 0; step < view.horizon(); ++step) {
    points.push_back(view.At(step, target));
  }
  return points;
}

absl::Status Print(const Args& args, const client::ModelInfo& model,
                   const client::ForecastResult& result,
                   const Observations& observations, Environment& environment) {
  const ForecastView view{.forecast = result.forecast,
                          .targets = result.targets,
                          .levels = result.quantile_levels,
                          .interval = model.interval,
                          .trained = static_cast<int>(model.horizon)};
  if (absl::Status status = view.Check(); !status.ok()) return status;
  const auto target = TargetIndex(view.targets, args.target);
  if (!target.ok()) return target.status();
  if (environment.json) {
    nlohmann::ordered_json json = {{"model", result.model},
                                   {"version", result.version}};
    if (!args.session.empty()) {
      json["session_id"] = args.session;
      json["applied_step"] = result.applied_step;
    }
    json.update(ToJson(view));
    environment.out << JsonLine(json) << "\n";
    return absl::OkStatus();
  }
  const int columns = observations.rows() > 0 ? kChartColumns : 28;
  const auto points =
      observations.rows() > 0
          ? WithHistory(observations, TargetInputs(model)[*target], view,
                        *target)
          : WithHistory({}, 0, view, *target);
  environment.out << ForecastTable(view) << ForecastNotes(view) << "\n"
                  << Chart(points,
                           {.width = columns,
                            .title = view.targets[*target],
                            .first_label =
                                TimeOf(observations,
                                       observations.rows() -
                                           static_cast<int>(points.size()) +
                                           view.horizon()),
                            .last_label = view.TimeName(view.horizon() - 1)});
  return absl::OkStatus();
}

absl::Status RunAndPrintBacktest(const Args& args,
                                 const client::ModelInfo& model,
                                 const Observations& observations,
                                 Environment& environment) {
  const auto target = TargetIndex(TargetsOf(model), args.target);
  if (!target.ok()) return target.status();
  const auto backtest = RunBacktest(
      model, observations, {.windows = args.backtest, .forecast = args.options},
      environment.client);
  if (!backtest.ok()) return backtest.status();
  if (environment.json) {
    environment.out << BacktestJson(*backtest);
    return absl::OkStatus();
  }
  auto points = BacktestPoints(*backtest, observations, model, *target);
  const size_t all = points.size();
  if (all > kChartColumns) {
    points.erase(points.begin(), points.end() - kChartColumns);
  }
  environment.out
      << absl::StrFormat("%s version %d, state held by the server\n\n",
                         model.name, model.version)
      << BacktestReport(*backtest) << "\n"
      << Chart(points,
               {.title = absl::StrFormat("%s, the last %d of %d steps",
                                         TargetsOf(model)[*target],
                                         points.size(), all),
                .first_label =
                    TimeOf(observations, observations.rows() -
                                             static_cast<int>(points.size())),
                .last_label = TimeOf(observations, observations.rows() - 1)});
  return absl::OkStatus();
}

absl::StatusOr<client::ModelInfo> ModelOf(const Args& args,
                                          client::Client& client) {
  if (args.session.empty()) return client.GetModel(args.model);
  const auto session = client.GetSession(args.session);
  if (!session.ok()) return session.status();
  return client.GetModel(session->model, session->version);
}

absl::Status Run(const Args& args, Environment& environment) {
  if (absl::Status status = CheckArgs(args); !status.ok()) return status;
  const auto model = ModelOf(args, environment.client);
  if (!model.ok()) return model.status();
  if (model->task != "forecast") {
    return UsageError(
        absl::StrFormat("model \"%s\" does not forecast: its task "
                        "is %s",
                        model->name, model->task));
  }
  Observations observations;
  if (!args.csv.empty()) {
    const auto table = ReadTable(args.csv, environment.in);
    if (!table.ok()) return table.status();
    const auto columns = MapColumns(*table, *model, args.time_column);
    if (!columns.ok()) return columns.status();
    if (table->rows() == 0) return NoRows(*table);
    auto rows = ReadObservations(*table, *columns);
    if (!rows.ok()) return rows.status();
    observations = std::move(*rows);
  }
  if (args.backtest > 0) {
    return RunAndPrintBacktest(args, *model, observations, environment);
  }
  client::ForecastCall call{.model = model->name,
                            .version = model->version,
                            .session_id = args.session,
                            .options = args.options};
  if (!args.known.empty()) {
    auto known =
        ReadKnown(args.known, *model, args.options.horizon, environment.in);
    if (!known.ok()) return known.status();
    call.options.known = std::move(*known);
  }
  const int rows = observations.rows();
  call.context = observations.Slice(std::max(0, rows - args.context), rows);
  const auto result = environment.client.Forecast(call);
  if (!result.ok()) return result.status();
  return Print(args, *model, *result, observations, environment);
}

}  // namespace

void AddForecast(CLI::App& app, Command* command) {
  auto args = std::make_shared<Args>();
  CLI::App* sub = app.add_subcommand(
      "forecast",
      "Forecast what follows a CSV file or a session; or test on the past");
  sub->add_option("--model", args->model, "Name of the model, with --csv");
  sub->add_option("--csv", args->csv,
                  "CSV file with a header, oldest row first; - reads standard "
                  "input. The model's inputs are found by name");
  sub->add_option(
      "--session", args->session,
      "Forecast from this session as it stands; nothing is changed");
  sub->add_option("--time", args->time_column,
                  "Time column (default: the first of time, date, timestamp, "
                  "datetime, if the model looks at times)");
  sub->add_option("--context", args->context,
                  "Send at most this many of the last rows")
      ->check(AtLeastOne())
      ->capture_default_str();
  sub->add_option("--horizon", args->options.horizon,
                  "Steps to forecast; all the model has if left out. Beyond "
                  "them the forecast is extrapolated, and marked so, if every "
                  "input is a target or known ahead")
      ->check(AtLeastOne());
  sub->add_option("--quantiles", args->options.quantile_levels,
                  "Levels between 0 and 1, such as 0.1,0.9; all the model has "
                  "if left out")
      ->delimiter(',');
  sub->add_option("--known", args->known,
                  "CSV file with the inputs that are known ahead, one row per "
                  "forecast step");
  sub->add_option("--target", args->target,
                  "The target to draw; the first if left out");
  sub->add_option("--backtest", args->backtest,
                  "Instead of what follows, forecast this many back-to-back "
                  "windows at the end of the file and compare")
      ->check(AtLeastOne());
  sub->callback([args, command] {
    *command = [args](Environment& environment) {
      return Run(*args, environment);
    };
  });
}

}  // namespace recur::cli
