#include "model/train/forecast/calendar_choice.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "absl/strings/str_format.h"

namespace recur {
namespace {

constexpr std::chrono::hours kDay(24);
constexpr std::chrono::hours kWeek(7 * 24);
constexpr std::chrono::hours kYear(8766);
constexpr double kManyYears = 4.0;
constexpr double kBeyondChance = 4.0;  // times what chance alone explains

double Periods(std::chrono::microseconds covered, std::chrono::hours period) {
  return std::chrono::duration<double>(covered) /
         std::chrono::duration<double>(period);
}

const ForecastSeries& LongestSeries(const ForecastData& data) {
  const ForecastSeries* longest = &data.series[0];
  for (const ForecastSeries& own : data.series) {
    if (own.fit_rows() > longest->fit_rows()) longest = &own;
  }
  return *longest;
}

bool WeekdaysDiffer(const ForecastData& data, std::string* reason) {
  const ForecastSeries& own = LongestSeries(data);
  std::vector<double> values;
  for (int row = 0; row < own.fit_rows(); ++row) {
    values.push_back(own.At(row).values[0]);
  }
  const double share = PhaseShare(values, 7);
  const double chance = 6.0 / static_cast<double>(values.size());
  *reason = absl::StrFormat("the day of the week explains %.1f%% of \"%s\"",
                            100.0 * share, data.columns()[0]);
  return share > kBeyondChance * chance;
}

}  // namespace

double PhaseShare(const std::vector<double>& values, int period) {
  const int size = static_cast<int>(values.size());
  const int before = period / 2;
  std::vector<double> sums(period);
  std::vector<int> counts(period);
  double total = 0.0;
  for (int i = before; i + period - before <= size; ++i) {
    double around = 0.0;
    for (int j = 0; j < period; ++j) around += values[i - before + j];
    const double distance = values[i] - around / period;
    if (std::isnan(distance)) continue;
    sums[i % period] += distance;
    ++counts[i % period];
    total += distance * distance;
  }
  double explained = 0.0;
  for (int phase = 0; phase < period; ++phase) {
    if (counts[phase] > 0)
      explained += sums[phase] * sums[phase] / counts[phase];
  }
  return total > 0.0 ? explained / total : 0.0;
}

Calendar ChooseCalendar(const ForecastData& data,
                        std::vector<std::string>* reasons) {
  Calendar calendar;
  const auto interval = data.interval();
  if (!data.has_times() || interval.count() == 0) return calendar;
  const ForecastSeries& longest = LongestSeries(data);
  const std::chrono::microseconds covered(
      longest.table.times[longest.fit_rows() - 1] - longest.table.times[0]);
  if (interval <= kDay / 2 && Periods(covered, kDay) >= 3.0) {
    const auto distinct = static_cast<int>(kDay / interval / 2);
    calendar.day_harmonics = std::min(4, distinct);
  }
  std::string week_reason = "the steps are finer than days";
  if (interval <= kDay && Periods(covered, kWeek) >= 3.0 &&
      (interval < kDay || WeekdaysDiffer(data, &week_reason))) {
    calendar.week_harmonics = 3;
  }
  const double years = Periods(covered, kYear);
  if (interval <= 31 * kDay && years >= 2.0) {
    calendar.year_harmonics = years < kManyYears ? 2 : 3;
  }
  calendar.dates = interval <= kDay && years >= kManyYears;
  reasons->push_back(absl::StrFormat(
      "calendar: day x%d, week x%d (%s), year x%d%s (%.1f years to train on)",
      calendar.day_harmonics, calendar.week_harmonics, week_reason,
      calendar.year_harmonics, calendar.dates ? ", dates" : "", years));
  return calendar;
}

}  // namespace recur
