#include "client/cli/backtest.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"

namespace recur::cli {
namespace {

constexpr int kStepsPerCall = 512;

// Observes rows [begin, end); the last call asks for a forecast.
absl::StatusOr<client::ObserveResult> ObserveUpTo(
    const Observations& observations, const std::string& session_id, int begin,
    int end, const client::ForecastOptions& forecast, client::Client& client) {
  for (int row = begin;; row += kStepsPerCall) {
    const int stop = std::min(end, row + kStepsPerCall);
    const bool last = stop == end;
    auto result = client.Observe(
        {.session_id = session_id,
         .first_step = static_cast<uint64_t>(row) + 1,
         .observations = observations.Slice(row, stop),
         .want = last ? client::Want::kForecast : client::Want::kAck,
         .forecast = last ? forecast : client::ForecastOptions()});
    if (!result.ok() || last) return result;
  }
}

std::vector<double> Column(const Observations& observations, int column,
                           int rows) {
  std::vector<double> values(rows);
  for (int row = 0; row < rows; ++row) {
    values[row] = observations.row(row)[column];
  }
  return values;
}

void Score(const BacktestWindow& window, const Observations& observations,
           const std::vector<int>& inputs, std::vector<ForecastScore>* scores) {
  for (int step = 0; step < window.view.horizon(); ++step) {
    for (size_t target = 0; target < inputs.size(); ++target) {
      PlotPoint point = window.view.At(step, static_cast<int>(target));
      point.truth = observations.row(window.origin + step)[inputs[target]];
      (*scores)[target].Add(
          point, observations.row(window.origin - 1)[inputs[target]]);
    }
  }
}

absl::Status RunWindows(const client::ModelInfo& model,
                        const Observations& observations,
                        const BacktestOptions& options, int horizon,
                        const std::string& session_id, client::Client& client,
                        Backtest* backtest) {
  const std::vector<double>& asked = options.forecast.quantile_levels;
  int seen = 0;
  for (int w = 0; w < options.windows; ++w) {
    const int origin = observations.rows() - (options.windows - w) * horizon;
    client::ForecastOptions forecast = options.forecast;
    forecast.known = KnownAhead(observations, model, origin, horizon);
    auto result =
        ObserveUpTo(observations, session_id, seen, origin, forecast, client);
    if (!result.ok()) return result.status();
    if (!result->forecast.has_value()) {
      return absl::InternalError("the server sent no forecast");
    }
    seen = origin;
    BacktestWindow window{
        origin,
        {.forecast = std::move(*result->forecast),
         .targets = TargetsOf(model),
         .levels = asked.empty() ? model.quantile_levels : asked,
         .interval = model.interval}};
    absl::Status status = window.view.Check();
    if (!status.ok()) return status;
    if (window.view.horizon() != horizon) {
      return absl::InternalError(
          absl::StrFormat("the server sent %d forecast steps instead of %d",
                          window.view.horizon(), horizon));
    }
    Score(window, observations, TargetInputs(model), &backtest->scores);
    backtest->windows.push_back(std::move(window));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Backtest> RunBacktest(const client::ModelInfo& model,
                                     const Observations& observations,
                                     const BacktestOptions& options,
                                     client::Client& client) {
  const int horizon = static_cast<int>(
      options.forecast.horizon > 0 ? options.forecast.horizon : model.horizon);
  const int64_t needed = int64_t{options.windows} * horizon;
  if (observations.rows() <= needed) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%d windows of %d steps need more than %d rows; there are %d",
        options.windows, horizon, needed, observations.rows()));
  }
  Backtest backtest;
  const int history = observations.rows() - static_cast<int>(needed);
  for (const int input : TargetInputs(model)) {
    backtest.scales.push_back(NaiveScale(Column(observations, input, history)));
  }
  backtest.scores.resize(backtest.scales.size());
  const auto session =
      client.OpenSession({.model = model.name, .version = model.version});
  if (!session.ok()) return session.status();
  const absl::Status status =
      RunWindows(model, observations, options, horizon, session->session_id,
                 client, &backtest);
  client.CloseSession(session->session_id).IgnoreError();
  if (!status.ok()) return status;
  return backtest;
}

std::vector<PlotPoint> BacktestPoints(const Backtest& backtest,
                                      const Observations& observations,
                                      const client::ModelInfo& model,
                                      int target) {
  const int input = TargetInputs(model)[target];
  std::vector<PlotPoint> points;
  for (const BacktestWindow& window : backtest.windows) {
    for (int step = 0; step < window.view.horizon(); ++step) {
      points.push_back(window.view.At(step, target));
      points.back().truth = observations.row(window.origin + step)[input];
    }
  }
  return points;
}

}  // namespace recur::cli
