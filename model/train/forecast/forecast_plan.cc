#include "model/train/forecast/forecast_plan.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "model/train/forecast/calendar_choice.h"

namespace recur {
namespace {

constexpr double kInputClip = 8.0;
constexpr int kLeastGap = 24;  // a live sensor misses a day of hours
constexpr int kShortestWindow = 60;
constexpr int kLongestWindow = 168;
constexpr int kFewestLags = 14;
constexpr int kMostLags = 1000;
constexpr int kRowsPerLag = 10;
constexpr int kRowsBesideLags = 3;
constexpr int kMostHorizonsOfLags = 8;
// Longer, and the validation part, which is the newest of few rows, says yes to
// what the rows after it do not bear out. Less than the fewest steps is too few
// to learn anything from.
constexpr int64_t kMostPasses = 12;
constexpr int64_t kOriginsPerUpdate = 128;  // 32 windows, 4 origins each
constexpr int64_t kFewestSteps = 160;
constexpr int64_t kMostSteps = 700;

// Mean and standard deviation of the given values of the rows to fit on.
Column FitColumn(const ForecastData& data, int column) {
  double mean = 0.0;
  double squares = 0.0;
  double count = 0.0;
  Column fitted{.name = data.columns()[column]};
  for (const ForecastSeries& own : data.series) {
    for (int row = 0; row < own.table.rows(); ++row) {
      const double value = own.At(row).values[column];
      if (std::isnan(value)) fitted.may_be_missing = true;
      if (std::isnan(value) || row >= own.fit_rows()) continue;
      // Welford's update: no cancellation for a meter that counts up.
      count += 1.0;
      const double distance = value - mean;
      mean += distance / count;
      squares += distance * (value - mean);
    }
  }
  fitted.mean = mean;
  const double deviation = count > 0.0 ? std::sqrt(squares / count) : 0.0;
  fitted.scale = deviation > 0.0 ? deviation : 1.0;
  return fitted;
}

// How far the target moves from an origin within the horizon, on average.
double MeanMove(const ForecastData& data, int target) {
  double sum = 0.0;
  double count = 0.0;
  for (const ForecastSeries& own : data.series) {
    for (int origin = 0; origin + data.horizon < own.fit_rows(); ++origin) {
      for (int k = 1; k <= data.horizon; ++k) {
        const double move = std::abs(own.At(origin + k).values[target] -
                                     own.At(origin).values[target]);
        if (std::isnan(move)) continue;
        sum += move;
        count += 1.0;
      }
    }
  }
  return sum > 0.0 ? sum / count : 1.0;
}

int LongestGap(const ForecastData& data) {
  int longest = kLeastGap;
  if (data.interval().count() == 0) return longest;
  for (const ForecastSeries& own : data.series) {
    for (const SeriesGap& gap : own.table.gaps) {
      const double intervals = static_cast<double>(gap.distance.count()) /
                               static_cast<double>(data.interval().count());
      longest = std::max(
          longest, static_cast<int>(std::lround(std::min(intervals, 1e6))));
    }
  }
  return longest;
}

int MeanTrainRows(const ForecastData& data) {
  return data.train_rows() / static_cast<int>(data.series.size());
}

// As many as the horizon and the seasons suggest, but in proportion to the
// data; none where not even those would leave enough to fit on. Of many series,
// which share one fit, what the data bear.
int ChooseLags(const ForecastData& data, const Seasons& seasons) {
  const int horizon = data.horizon;
  const int rows = MeanTrainRows(data);
  const int season = seasons.cycles.empty() ? 0 : seasons.cycles.back();
  const bool shared = data.series.size() > kMostKnownSeries;
  const int wanted =
      std::max((shared ? kMostHorizonsOfLags : 2) * horizon, 2 * season);
  const int affordable = std::max(horizon, rows / kRowsPerLag);
  const int lags =
      std::clamp(std::min(wanted, affordable), kFewestLags, kMostLags);
  return kRowsBesideLags * lags + horizon <= rows ? lags : 0;
}

int ChooseSteps(const ForecastData& data, const Autoregression& linear) {
  int64_t origins = 0;
  for (const ForecastSeries& own : data.series) {
    origins += std::max(0, own.fit_rows() - linear.lags - data.horizon);
  }
  return static_cast<int>(std::clamp(kMostPasses * origins / kOriginsPerUpdate,
                                     kFewestSteps, kMostSteps));
}

Seasons GivenSeasons(std::vector<int> steps) {
  Seasons seasons;
  std::sort(steps.begin(), steps.end());
  seasons.cycles = std::move(steps);
  return seasons;
}

FeatureSpec MakeFeatures(const ForecastData& data,
                         const ForecastSettings& settings,
                         const Seasons& seasons,
                         std::vector<std::string>* reasons) {
  FeatureSpec features;
  for (size_t i = 0; i < data.columns().size(); ++i) {
    features.columns.push_back(FitColumn(data, static_cast<int>(i)));
    features.columns.back().known_ahead =
        i + data.known >= data.columns().size();
    if (static_cast<int>(i) == data.series_column) {
      Column& column = features.columns.back() = {.name = data.columns()[i]};
      column.categories = static_cast<int>(data.series.size());
      for (const ForecastSeries& own : data.series) {
        column.category_names.push_back(own.id);
      }
    }
  }
  features.running_scale = data.series.size() > 1;
  for (int target = 0; target < data.targets; ++target) {
    features.targets.push_back(target);
    features.output_scale.push_back(
        features.running_scale ? 1.0 : MeanMove(data, target));
  }
  features.interval = data.interval();
  features.max_gap_intervals = LongestGap(data);
  if (settings.calendar) features.calendar = ChooseCalendar(data, reasons);
  features.calendar.utc_offset_minutes = settings.utc_offset_minutes;
  features.calendar.time_zone = settings.time_zone;
  features.changes = true;
  features.seasons = seasons.All();
  features.season_values = 3;
  features.autoregression.lags =
      settings.lags.value_or(ChooseLags(data, seasons));
  if (features.autoregression.lags > 0 &&
      features.interval == std::chrono::hours(24)) {
    features.autoregression.year_harmonics = features.calendar.year_harmonics;
  }
  if (features.autoregression.lags > 0) {
    features.autoregression.column = data.series_column;
  }
  features.anchor = Anchor::kLast;
  features.input_clip = kInputClip;
  reasons->push_back(absl::StrFormat(
      "linear forecast: %d lags; every value relative to the last one, over %s",
      features.autoregression.lags,
      features.running_scale ? "the running mean of its series' changes"
                             : "the series' deviation"));
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

std::vector<int> FloorSeasons(const FeatureSpec& features) {
  std::vector<int> seasons = features.seasons;
  const int usual = UsualSeason(features.interval);
  if (usual > 0) seasons.push_back(usual);
  std::sort(seasons.begin(), seasons.end());
  seasons.erase(std::unique(seasons.begin(), seasons.end()), seasons.end());
  return seasons;
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
  for (int season : settings.seasons.value_or(std::vector<int>())) {
    const int most = MeanTrainRows(data) - data.horizon;
    if (season <= most) continue;
    return absl::InvalidArgumentError(absl::StrFormat(
        "--seasons has %d; with %d rows to train on and a horizon of %d it "
        "must be at most %d",
        season, MeanTrainRows(data), data.horizon, most));
  }
  if (settings.max_steps.value_or(1) < 1) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "--steps is %d; it must be 1 or more", *settings.max_steps));
  }
  ForecastPlan plan;
  ModelSpec& spec = plan.spec;
  spec.task = Task::kForecast;
  if (settings.loss == LossKind::kPinball) spec.quantiles = settings.quantiles;
  plan.seasons = settings.seasons.has_value()
                     ? GivenSeasons(*settings.seasons)
                     : ChooseSeasons(data, &plan.reasons);
  spec.features = MakeFeatures(data, settings, plan.seasons, &plan.reasons);
  spec.network =
      MakeNetwork(data, spec.features, settings, spec.quantiles.size());
  if (auto s = ValidateModelSpec(spec); !s.ok()) return s;
  const int season =
      plan.seasons.cycles.empty() ? 1 : plan.seasons.cycles.front();
  plan.window = std::clamp(3 * std::max(data.horizon, season), kShortestWindow,
                           kLongestWindow);
  plan.max_steps = settings.max_steps.value_or(
      ChooseSteps(data, spec.features.autoregression));
  plan.reasons.push_back(
      absl::StrFormat("network: %s, %d x %d, %d inputs, windows of %d steps, "
                      "at most %d updates",
                      CellName(spec.network.cell), spec.network.layers,
                      spec.network.hidden_size, spec.network.input_size,
                      plan.window, plan.max_steps));
  return plan;
}

}  // namespace recur
