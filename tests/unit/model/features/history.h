// Features by a second, slow implementation that knows no state: it recomputes
// every input from the whole history of raw observations, and the calendar from
// the C library. Tests compare model/features with it.
#ifndef RECUR_TESTS_UNIT_MODEL_FEATURES_HISTORY_H_
#define RECUR_TESTS_UNIT_MODEL_FEATURES_HISTORY_H_

#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "model/spec/feature_spec.h"

namespace recur {

inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

class History {
 public:
  // `weights` are those of the autoregression [targets, width, horizon].
  explicit History(const FeatureSpec& spec, std::vector<float> weights = {},
                   int horizon = 0)
      : spec_(spec), weights_(std::move(weights)), horizon_(horizon) {}

  void Add(std::vector<double> values, int64_t time_us) {
    rows_.push_back(std::move(values));
    times_.push_back(time_us);
  }
  int size() const { return static_cast<int>(rows_.size()); }

  // The newest value seen up to row `at`, the mean before any.
  double Filled(int at, int column) const {
    for (int row = at; row >= 0; --row) {
      if (!std::isnan(rows_[row][column])) return rows_[row][column];
    }
    return spec_.columns[column].mean;
  }

  // The running mean of the values seen before row `at`, NaN before any.
  double RunningMean(int at, int column) const {
    double mean = kNaN;
    for (int row = 0; row < at; ++row) {
      const double value = rows_[row][column];
      if (std::isnan(value)) continue;
      mean = std::isnan(mean) ? value : mean + (value - mean) / 16.0;
    }
    return mean;
  }

  bool SeenBefore(int at, int column) const {
    for (int row = 0; row < at; ++row) {
      if (!std::isnan(rows_[row][column])) return true;
    }
    return false;
  }

  double Clipped(double scaled, double factor) const {
    if (spec_.input_clip <= 0) return scaled;
    const double limit = factor * spec_.input_clip;
    return std::max(-limit, std::min(limit, scaled));
  }

  static void AppendPhase(double part, int harmonics,
                          std::vector<double>* out) {
    for (int n = 1; n <= harmonics; ++n) {
      out->push_back(std::sin(2 * M_PI * n * part));
      out->push_back(std::cos(2 * M_PI * n * part));
    }
  }

  // By the C library's calendar.
  void AppendCalendar(int64_t time_us, std::vector<double>* out) const {
    const Calendar& calendar = spec_.calendar;
    const time_t seconds = time_us / 1000000 + calendar.utc_offset_minutes * 60;
    const double rest = time_us % 1000000 / 1e6;
    tm civil;
    gmtime_r(&seconds, &civil);
    const double day =
        (civil.tm_hour * 3600 + civil.tm_min * 60 + civil.tm_sec + rest) /
        86400.0;
    const int year = civil.tm_year + 1900;
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    AppendPhase(day, calendar.day_harmonics, out);
    AppendPhase(((civil.tm_wday + 6) % 7 + day) / 7.0, calendar.week_harmonics,
                out);
    AppendPhase((civil.tm_yday + day) / (leap ? 366.0 : 365.0),
                calendar.year_harmonics, out);
    if (!calendar.dates) return;
    for (int month = 0; month < 12; ++month) {
      out->push_back(month == civil.tm_mon ? 1.0 : 0.0);
    }
    for (int date = 1; date <= 31; ++date) {
      out->push_back(date == civil.tm_mday ? 1.0 : 0.0);
    }
  }

  // After row `at`: the mean of |change|, each weighing 63/64 of the next.
  double ScaleAt(int at, int column) const {
    if (!spec_.running_scale) return spec_.columns[column].scale;
    double sum = 0.0;
    double weights = 0.0;
    double last = kNaN;
    for (int row = 0; row <= at; ++row) {
      const double value = rows_[row][column];
      if (std::isnan(value)) continue;
      if (!std::isnan(last)) {
        sum = sum * 63.0 / 64.0 + std::abs(value - last);
        weights = weights * 63.0 / 64.0 + 1.0;
      }
      last = value;
    }
    const double scale = std::max(weights > 0.0 ? sum / weights : 0.0,
                                  std::abs(Filled(at, column)) / 1000.0);
    return scale > 0.0 ? scale : 1.0;
  }

  bool IsTarget(int column) const {
    return std::find(spec_.targets.begin(), spec_.targets.end(), column) !=
           spec_.targets.end();
  }

  std::vector<double> Input(int at) const {
    std::vector<double> out;
    for (size_t i = 0; i < spec_.columns.size(); ++i) {
      const Column& column = spec_.columns[i];
      const double value = Filled(at, i);
      for (int c = 0; c < column.categories; ++c) {
        out.push_back(value == c ? 1.0 : 0.0);
      }
      if (column.categories > 0) continue;
      out.push_back(spec_.running_scale && IsTarget(i)
                        ? 0.3 * std::log(ScaleAt(at, i) / std::abs(value))
                        : (value - column.mean) / column.scale);
    }
    for (size_t i = 0; i < spec_.columns.size(); ++i) {
      if (!spec_.columns[i].may_be_missing) continue;
      out.push_back(std::isnan(rows_[at][i]) ? 1.0 : 0.0);
    }
    if (spec_.changes) AppendChanges(at, &out);
    for (int target : spec_.targets) {
      for (int season : spec_.seasons) {
        const auto since = [&](int back) {
          const double past = Filled(at >= back ? at - back : at, target);
          return (Filled(at, target) - past) / ScaleAt(at, target);
        };
        out.push_back(since(season));
        if (spec_.season_values > 1) out.push_back(since(season - 1));
      }
    }
    for (double& value : out) value = Clipped(value, 1.0);
    AppendCalendar(times_[at] + spec_.interval.count(), &out);
    return out;
  }

  void AppendChanges(int at, std::vector<double>* out) const {
    for (int target : spec_.targets) {
      const double scale = ScaleAt(at, target);
      const double value = Filled(at, target);
      const bool seen = SeenBefore(at, target);
      out->push_back(seen ? (value - Filled(at - 1, target)) / scale : 0.0);
      out->push_back(seen ? (value - RunningMean(at, target)) / scale : 0.0);
    }
  }

  double AnchorOf(int target) const {
    const int column = spec_.targets[target];
    return spec_.anchor == Anchor::kMean ? spec_.columns[column].mean
                                         : Filled(size() - 1, column);
  }

  double Autoregression(int target, int k) const {
    const int column = spec_.targets[target];
    const int last = size() - 1;
    std::vector<double> inputs;
    for (int lag = 1; lag <= spec_.autoregression.lags; ++lag) {
      inputs.push_back(lag > last
                           ? 0.0
                           : (Filled(last - lag, column) - AnchorOf(target)) /
                                 ScaleAt(last, column));
    }
    FeatureSpec year;
    year.calendar.year_harmonics = spec_.autoregression.year_harmonics;
    year.calendar.utc_offset_minutes = spec_.calendar.utc_offset_minutes;
    History(year).AppendCalendar(times_.back() + spec_.interval.count(),
                                 &inputs);
    inputs.push_back(1.0);
    const int by = spec_.autoregression.column;
    const double group = by < 0 ? 0.0 : Filled(last, by);
    if (by >= 0 &&
        (!SeenBefore(size(), by) || group >= spec_.columns[by].categories)) {
      return 0.0;
    }
    const size_t row =
        static_cast<size_t>(group) * spec_.targets.size() + target;
    double sum = 0.0;
    for (size_t i = 0; i < inputs.size() && k < horizon_; ++i) {
      sum += inputs[i] * weights_[(row * inputs.size() + i) * horizon_ + k];
    }
    return sum;
  }

  std::vector<double> FutureRow(int k, const std::vector<double>& known) const {
    std::vector<double> out;
    AppendCalendar(times_.back() + (k + 1) * spec_.interval.count(), &out);
    for (size_t j = 0; j < spec_.targets.size(); ++j) {
      const int target = spec_.targets[j];
      for (int season : spec_.seasons) {
        int at = size() + k;  // of the target step itself
        while (at >= size()) at -= season;
        const int ats[] = {at, at - season, size() - 1 - season};
        for (int i = 0; i < spec_.season_values; ++i) {
          const double change =
              ats[i] < 0 ? 0.0 : Filled(ats[i], target) - AnchorOf(j);
          out.push_back(Clipped(change / ScaleAt(size() - 1, target), 1.5));
        }
      }
    }
    for (size_t j = 0; j < spec_.targets.size(); ++j) {
      if (spec_.autoregression.lags == 0) break;
      out.push_back(Clipped(Autoregression(static_cast<int>(j), k), 1.5));
    }
    size_t next = 0;
    for (size_t i = 0; i < spec_.columns.size(); ++i) {
      const Column& column = spec_.columns[i];
      if (!column.known_ahead) continue;
      const double value =
          known.empty() ? Filled(size() - 1, i) : known[next++];
      out.push_back(Clipped((value - column.mean) / column.scale, 1.0));
    }
    return out;
  }

 private:
  FeatureSpec spec_;
  std::vector<float> weights_;
  int horizon_;
  std::vector<std::vector<double>> rows_;
  std::vector<int64_t> times_;
};

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_MODEL_FEATURES_HISTORY_H_
