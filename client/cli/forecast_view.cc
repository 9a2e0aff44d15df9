#include "client/cli/forecast_view.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/table.h"
#include "model/data/csv.h"

namespace recur::cli {

std::vector<std::string> TargetsOf(const client::ModelInfo& model) {
  std::vector<std::string> targets;
  for (const int index : TargetInputs(model)) {
    targets.push_back(model.inputs[index].name);
  }
  return targets;
}

std::vector<int> TargetInputs(const client::ModelInfo& model) {
  std::vector<int> indices;
  for (size_t i = 0; i < model.inputs.size(); ++i) {
    if (model.inputs[i].target) indices.push_back(static_cast<int>(i));
  }
  return indices;
}

absl::Status ForecastView::Check() const {
  const size_t points = forecast.point.size();
  const bool fits = !targets.empty() && points > 0 &&
                    points % targets.size() == 0 &&
                    forecast.quantiles.size() == points * levels.size();
  if (fits) return absl::OkStatus();
  return absl::InternalError(absl::StrFormat(
      "the server's forecast has %d points and %d quantiles for %d targets and "
      "%d levels",
      points, forecast.quantiles.size(), targets.size(), levels.size()));
}

int ForecastView::horizon() const {
  return static_cast<int>(forecast.point.size() / targets.size());
}

double ForecastView::Point(int step, int target) const {
  return forecast.point[step * targets.size() + target];
}

double ForecastView::Quantile(int step, int target, int level) const {
  return forecast
      .quantiles[(step * targets.size() + target) * levels.size() + level];
}

double ForecastView::Low(int step, int target) const {
  return HasInterval() ? Quantile(step, target, 0) : PlotPoint::kNone;
}

double ForecastView::High(int step, int target) const {
  const int last = static_cast<int>(levels.size()) - 1;
  return HasInterval() ? Quantile(step, target, last) : PlotPoint::kNone;
}

double ForecastView::Coverage() const {
  return HasInterval() ? levels.back() - levels.front() : PlotPoint::kNone;
}

std::string ForecastView::IntervalName() const {
  return absl::StrFormat("%.3g%% interval", 100 * Coverage());
}

std::string ForecastView::TimeName(int step) const {
  if (interval.count() == 0 || forecast.start_us == 0) {
    return absl::StrCat("+", step + 1);
  }
  return FormatTime(forecast.start_us + step * interval.count());
}

PlotPoint ForecastView::At(int step, int target) const {
  return {.point = Point(step, target),
          .low = Low(step, target),
          .high = High(step, target),
          .extrapolated = Extrapolated(step)};
}

std::string ForecastTable(const ForecastView& view) {
  std::vector<Table::Column> columns = {{"time"}};
  for (const std::string& target : view.targets) {
    columns.push_back({target, /*right=*/true});
    for (double level : view.levels) {
      columns.push_back({absl::StrFormat("%g%%", 100 * level), true});
    }
  }
  if (view.forecast.extrapolated) columns.push_back({""});
  Range range;
  for (double value : view.forecast.point) range.Include(value);
  for (double value : view.forecast.quantiles) range.Include(value);
  const auto format = [scale = range.Largest()](double value) {
    return FormatNumber(value, scale);
  };
  Table table(std::move(columns));
  for (int step = 0; step < view.horizon(); ++step) {
    std::vector<std::string> cells = {view.TimeName(step)};
    for (size_t target = 0; target < view.targets.size(); ++target) {
      cells.push_back(format(view.Point(step, target)));
      for (size_t level = 0; level < view.levels.size(); ++level) {
        cells.push_back(format(view.Quantile(step, target, level)));
      }
    }
    if (view.Extrapolated(step)) cells.push_back("extrapolated");
    table.AddRow(std::move(cells));
  }
  return table.ToString();
}

std::string ForecastNotes(const ForecastView& view) {
  std::string notes;
  if (view.forecast.warming_up) {
    notes +=
        "(warming up: the model has not seen as many steps yet as it looks "
        "back)\n";
  }
  if (view.forecast.extrapolated) {
    absl::StrAppend(
        &notes, "(extrapolated after step ", view.trained,
        ", where the model's horizon ends: the forecast is fed\n"
        "back as if it had been observed, so the intervals there are too "
        "narrow)\n");
  }
  return notes;
}

}  // namespace recur::cli
