#include "model/train/forecast_plan.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "model/train/calendar_choice.h"

namespace recur {
namespace {

constexpr double kInputClip = 8.0;
constexpr int kLeastGap = 24;  // a live sensor misses a day of hours
constexpr int kShortestWindow = 60;
constexpr int kLongestWindow = 168;

// Mean and standard deviation of the given values of the training part.
Column FitColumn(const ForecastData& data, int column) {
  double sum = 0.0;
  double squares = 0.0;
  double count = 0.0;
  Column fitted{.name = data.table.columns[column]};
  for (int row = 0; row < data.train_rows(); ++row) {
    const double value = data.At(row).values[column];
    if (std::isnan(value)) continue;
    // Welford's update: no cancellation for a meter that counts up.
    count += 1.0;
    const double distance = value - sum;
    sum += distance / count;
    squares += distance * (value - sum);
  }
  fitted.mean = sum;
  const double deviation = count > 0.0 ? std::sqrt(squares / count) : 0.0;
  fitted.scale = deviation > 0.0 ? deviation : 1.0;
  for (int row = 0; row < data.table.rows(); ++row) {
    if (std::isnan(data.At(row).values[column])) fitted.may_be_missing = true;
  }
  return fitted;
}

// How far the target moves from an origin within the horizon, on average.
double MeanMove(const ForecastData& data, int target) {
  double sum = 0.0;
  double count = 0.0;
  for (int origin = 0; origin + data.horizon < data.train_rows(); ++origin) {
    for (int k = 1; k <= data.horizon; ++k) {
      const double move = std::abs(data.At(origin + k).values[target] -
                                   data.At(origin).values[target]);
      if (std::isnan(move)) continue;
      sum += move;
      count += 1.0;
    }
  }
  return sum > 0.0 ? sum / count : 1.0;
}

int LongestGap(const SeriesTable& table) {
  int longest = kLeastGap;
  if (table.interval.count() == 0) return longest;
  for (const SeriesGap& gap : table.gaps) {
    const double intervals = static_cast<double>(gap.distance.count()) /
                             static_cast<double>(table.interval.count());
    longest = std::max(longest,
                       static_cast<int>(std::lround(std::min(intervals, 1e6))));
  }
  return longest;
}

FeatureSpec MakeFeatures(const ForecastData& data,
                         const ForecastSettings& settings,
                         std::vector<std::string>* reasons) {
  FeatureSpec features;
  for (size_t i = 0; i < data.table.columns.size(); ++i) {
    features.columns.push_back(FitColumn(data, static_cast<int>(i)));
  }
  for (int target = 0; target < data.targets; ++target) {
    features.targets.push_back(target);
    features.output_scale.push_back(MeanMove(data, target));
  }
  features.interval = data.table.interval;
  features.max_gap_intervals = LongestGap(data.table);
  if (settings.calendar) features.calendar = ChooseCalendar(data, reasons);
  features.calendar.utc_offset_minutes = settings.utc_offset_minutes;
  features.changes = true;
  features.seasons = settings.seasons;
  features.anchor = Anchor::kLast;
  features.input_clip = kInputClip;
  return features;
}

NetworkSpec MakeNetwork(const ForecastData& data, const FeatureSpec& features,
                        const ForecastSettings& settings, size_t levels) {
  NetworkSpec network;
  network.cell = settings.cell;
  network.input_size = InputWidth(features);
  network.hidden_size = settings.hidden_size;
  network.layers = settings.layers;
  network.head = Head::kForecast;
  network.horizon = data.horizon;
  network.targets = data.targets;
  network.levels = static_cast<int>(std::max<size_t>(1, levels));
  network.future_size = FutureWidth(features);
  network.decoder_size = settings.decoder_size;
  return network;
}

}  // namespace

int UsualSeason(std::chrono::microseconds interval) {
  const std::chrono::microseconds day = std::chrono::hours(24);
  if (interval.count() == 0) return 0;
  if (interval < day) return static_cast<int>(day / interval);
  if (interval == day) return 7;
  if (interval == 7 * day) return 52;
  if (interval >= 28 * day && interval <= 31 * day) return 12;
  return 0;
}

absl::StatusOr<ForecastPlan> PlanForecast(const ForecastData& data,
                                          const ForecastSettings& settings) {
  if (settings.loss != LossKind::kPinball && settings.loss != LossKind::kMse) {
    return absl::InvalidArgumentError(
        absl::StrFormat("--loss is %s; forecasts need pinball or mse",
                        LossName(settings.loss)));
  }
  if (settings.loss == LossKind::kPinball && settings.quantiles.empty()) {
    return absl::InvalidArgumentError(
        "--quantiles is empty; --loss pinball needs at least one level");
  }
  for (int season : settings.seasons) {
    const int most = data.train_rows() - data.horizon;
    if (season <= most) continue;
    return absl::InvalidArgumentError(absl::StrFormat(
        "--seasons has %d; with %d rows to train on and a horizon of %d it "
        "must be at most %d",
        season, data.train_rows(), data.horizon, most));
  }
  ForecastPlan plan;
  ModelSpec& spec = plan.spec;
  spec.task = Task::kForecast;
  if (settings.loss == LossKind::kPinball) spec.quantiles = settings.quantiles;
  spec.features = MakeFeatures(data, settings, &plan.reasons);
  spec.network =
      MakeNetwork(data, spec.features, settings, spec.quantiles.size());
  if (auto s = ValidateModelSpec(spec); !s.ok()) return s;
  const int season = std::max(1, LongestSeason(spec.features));
  plan.window = std::clamp(3 * std::max(data.horizon, season), kShortestWindow,
                           kLongestWindow);
  plan.reasons.push_back(absl::StrFormat(
      "network: %s, %d x %d, %d inputs, windows of %d steps",
      CellName(spec.network.cell), spec.network.layers,
      spec.network.hidden_size, spec.network.input_size, plan.window));
  return plan;
}

}  // namespace recur
