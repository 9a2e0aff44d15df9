// A forecast with the names and numbers needed to read it. Pure.
#ifndef RECUR_CLIENT_CLI_FORECAST_VIEW_H_
#define RECUR_CLIENT_CLI_FORECAST_VIEW_H_

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/cli/plot.h"
#include "client/sdk/types.h"

namespace recur::cli {

// Names of the model's targets, in order.
std::vector<std::string> TargetsOf(const client::ModelInfo& model);

// Their indices among the model's inputs.
std::vector<int> TargetInputs(const client::ModelInfo& model);

struct ForecastView {
  client::Forecast forecast;
  std::vector<std::string> targets;
  std::vector<double> levels;  // of the quantiles, ascending
  std::chrono::microseconds interval{0};
  int trained = 0;  // the model's horizon, if the forecast is extrapolated

  // INTERNAL if the sizes of the answer do not agree with each other.
  absl::Status Check() const;

  int horizon() const;
  double Point(int step, int target) const;
  double Quantile(int step, int target, int level) const;

  // The widest interval: between the lowest and the highest level. NaN with
  // fewer than two levels.
  double Low(int step, int target) const;
  double High(int step, int target) const;
  bool HasInterval() const { return levels.size() >= 2; }
  double Coverage() const;           // of that interval, 0.8
  std::string IntervalName() const;  // "80% interval"

  // Of forecast step `step`, counted from 0: its time, or "+1" if unknown.
  std::string TimeName(int step) const;

  // Whether the step is beyond the model's horizon.
  bool Extrapolated(int step) const {
    return forecast.extrapolated && step >= trained;
  }

  PlotPoint At(int step, int target) const;  // without a truth
};

// A line per step: time, then per target the point and the quantiles, and
// whether it is extrapolated.
std::string ForecastTable(const ForecastView& view);

// What a reader must know of the forecast, a line each; empty: nothing.
std::string ForecastNotes(const ForecastView& view);

}  // namespace recur::cli

#endif  // RECUR_CLIENT_CLI_FORECAST_VIEW_H_
