#include "server/rpc/forecast_cut.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "model/spec/error_reason.h"
#include "server/lane/extrapolation.h"

namespace recur {
namespace {

// Levels are decimal numbers that were written down: 0.1 is 0.1 whatever
// arithmetic produced it.
constexpr double kLevelTolerance = 1e-9;

absl::Status Refuse(absl::string_view reason, std::string message) {
  return ErrorWithReason(absl::StatusCode::kInvalidArgument, reason, message);
}

absl::Status UnknownQuantile(const Servable& model, double level) {
  const std::vector<double>& has = model.spec.quantiles;
  if (has.empty()) {
    return Refuse("unknown_quantile",
                  absl::StrFormat("quantile level %g is not one of model "
                                  "\"%s\", which forecasts the mean alone",
                                  level, model.name));
  }
  absl::Status status =
      Refuse("unknown_quantile",
             absl::StrFormat("quantile level %g is not one of model \"%s\": %s",
                             level, model.name, absl::StrJoin(has, ", ")));
  SetDetail(&status, "levels", absl::StrJoin(has, ","));
  return status;
}

absl::StatusOr<std::vector<int>> FindLevels(
    const Servable& model, const v1::ForecastOptions& options) {
  const std::vector<double>& has = model.spec.quantiles;
  std::vector<int> levels;
  if (options.quantile_levels().empty()) {
    levels.resize(has.size());
    std::iota(levels.begin(), levels.end(), 0);
    return levels;
  }
  std::vector<bool> taken(has.size(), false);
  for (double level : options.quantile_levels()) {
    const auto found =
        std::find_if(has.begin(), has.end(), [level](double own) {
          return std::abs(own - level) <= kLevelTolerance;
        });
    if (found == has.end()) return UnknownQuantile(model, level);
    const int index = static_cast<int>(found - has.begin());
    if (taken[index]) {
      return Refuse(
          "duplicate_quantile",
          absl::StrFormat("quantile level %g is asked for twice", level));
    }
    taken[index] = true;
    levels.push_back(index);
  }
  return levels;
}

absl::Status CheckReach(const Servable& model, uint32_t horizon, Reach reach) {
  const int has = model.spec.network.horizon;
  if (auto status = CheckHorizon(model, horizon); !status.ok()) return status;
  if (reach == Reach::kExtrapolated || int64_t{horizon} <= has) {
    return absl::OkStatus();
  }
  absl::Status status = Refuse(
      "bad_horizon",
      absl::StrFormat("horizon is %d; model \"%s\" has %d; Forecast alone goes "
                      "beyond it",
                      horizon, model.name, has));
  SetDetail(&status, "horizon", std::to_string(has));
  return status;
}

}  // namespace

absl::StatusOr<ForecastCut> MakeForecastCut(const Servable& model,
                                            const v1::ForecastOptions& options,
                                            Reach reach) {
  if (model.spec.task != Task::kForecast) {
    return Refuse("wrong_want",
                  absl::StrFormat("model \"%s\" does %s; it has no forecast",
                                  model.name, TaskName(model.spec.task)));
  }
  if (auto status = CheckReach(model, options.horizon(), reach); !status.ok()) {
    return status;
  }
  auto levels = FindLevels(model, options);
  if (!levels.ok()) return levels.status();
  const int asked = static_cast<int>(options.horizon());
  return ForecastCut{.horizon = asked > 0 ? asked : model.spec.network.horizon,
                     .levels = *std::move(levels)};
}

int ExtrapolatedHorizon(const Servable& model, const ForecastCut& cut) {
  return cut.horizon > model.spec.network.horizon ? cut.horizon : 0;
}

std::vector<double> KnownOf(const v1::ForecastOptions& options) {
  return {options.known().begin(), options.known().end()};
}

std::vector<double> KnownInputs(const Servable& model,
                                const v1::ForecastOptions& options,
                                std::vector<double> known) {
  const size_t width = model.features.known_count();
  const size_t horizon = std::max(0, model.spec.network.horizon);
  const size_t asked = options.horizon();
  if (asked < horizon && known.size() == asked * width) {
    FillUpKnown(model, &known);
  }
  return known;
}

void EncodeForecast(const Servable& model, const Forecast& forecast,
                    const ForecastCut& cut, v1::ForecastAnswer* out) {
  const int targets = model.spec.network.targets;
  const int own_levels = static_cast<int>(model.spec.quantiles.size());
  const int rows = cut.horizon * targets;
  out->mutable_point()->Add(forecast.point.begin(),
                            forecast.point.begin() + rows);
  out->mutable_quantiles()->Reserve(rows * static_cast<int>(cut.levels.size()));
  for (int row = 0; row < rows; ++row) {
    for (int level : cut.levels) {
      out->add_quantiles(forecast.quantiles[row * own_levels + level]);
    }
  }
  out->set_point_kind(PointKindOf(model.spec) == PointKind::kMedian
                          ? v1::POINT_KIND_MEDIAN
                          : v1::POINT_KIND_MEAN);
  out->set_warming_up(forecast.warming_up);
  out->set_extrapolated(cut.horizon > model.spec.network.horizon);
  if (forecast.start_us.has_value()) out->set_start_us(*forecast.start_us);
}

}  // namespace recur
