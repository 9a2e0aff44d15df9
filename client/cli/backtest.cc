#include "client/cli/backtest.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"

namespace recur::cli {
namespace {

constexpr int kStepsPerCall = 512;

// Observes rows [begin, end).
absl::Status ObserveUpTo(const Observations& observations,
                         const std::string& session_id, int begin, int end,
                         client::Client& client) {
  for (int row = begin; row < end; row += kStepsPerCall) {
    const int stop = std::min(end, row + kStepsPerCall);
    const auto result =
        client.Observe({.session_id = session_id,
                        .first_step = static_cast<uint64_t>(row) + 1,
                        .observations = observations.Slice(row, stop)});
    if (!result.ok()) return result.status();
  }
  return absl::OkStatus();
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
  int seen = 0;
  for (int w = 0; w < options.windows; ++w) {
    const int origin = observations.rows() - (options.windows - w) * horizon;
    client::ForecastOptions forecast = options.forecast;
    forecast.known = KnownAhead(observations, model, origin, horizon);
    absl::Status status =
        ObserveUpTo(observations, session_id, seen, origin, client);
    if (!status.ok()) return status;
    // A call of its own, for it may reach beyond the model's horizon.
    auto result = client.Forecast({.session_id = session_id,
                                   .min_step = static_cast<uint64_t>(origin),
                                   .options = std::move(forecast)});
    if (!result.ok()) return result.status();
    seen = origin;
    BacktestWindow window{origin,
                          {.forecast = std::move(result->forecast),
                           .targets = std::move(result->targets),
                           .levels = std::move(result->quantile_levels),
                           .interval = model.interval,
                           .trained = static_cast<int>(model.horizon)}};
    status = window.view.Check();
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
