#include "model/train/forecast/season_choice.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace recur {
namespace {

constexpr std::chrono::hours kDay(24);
constexpr int kYearDays[] = {364, 365};
constexpr int kDaysOfFourYears = 1461;
constexpr int kLongestSearched = 2000;
constexpr double kClear = 0.1;      // for a season that the calendar suggests
constexpr double kVeryClear = 0.3;  // for one that nothing suggests
constexpr double kNearlyAsClear = 0.6;
constexpr double kNoise = 0.02;
constexpr double kLeftOver = 0.8;  // of what the shorter one leaves open

// Changes of one target, missing ones and those after it 0.
std::vector<double> Changes(const ForecastSeries& own, int target) {
  std::vector<double> changes;
  for (int row = 1; row < own.fit_rows(); ++row) {
    const double change =
        own.At(row).values[target] - own.At(row - 1).values[target];
    changes.push_back(std::isnan(change) ? 0.0 : change);
  }
  return changes;
}

int LongestFitRows(const ForecastData& data) {
  int longest = 0;
  for (const ForecastSeries& own : data.series) {
    longest = std::max(longest, own.fit_rows());
  }
  return longest;
}

// Averaged over series (those long enough for each lag) and targets.
std::vector<double> MeanAutocorrelation(const ForecastData& data) {
  const int most = std::min(kLongestSearched, LongestFitRows(data) / 3);
  std::vector<double> sums(most + 1);
  std::vector<double> counts(most + 1);
  for (const ForecastSeries& own : data.series) {
    const int reach = std::min(most, own.fit_rows() / 3);
    for (int target = 0; target < data.targets; ++target) {
      const std::vector<double> one =
          Autocorrelation(Changes(own, target), reach);
      for (int lag = 0; lag <= reach; ++lag) {
        sums[lag] += one[lag];
        counts[lag] += 1.0;
      }
    }
  }
  for (int lag = 0; lag <= most; ++lag) {
    // What only a few series are long enough for says nothing of the others.
    sums[lag] = 2.0 * counts[lag] >= counts[0] ? sums[lag] / counts[lag] : 0.0;
  }
  return sums;
}

std::vector<int> CalendarCycles(std::chrono::microseconds interval) {
  std::vector<int> cycles;
  for (const std::chrono::microseconds period :
       {std::chrono::microseconds(kDay), std::chrono::microseconds(7 * kDay)}) {
    if (period > interval && period % interval == std::chrono::seconds(0)) {
      cycles.push_back(static_cast<int>(period / interval));
    }
  }
  if (interval == 7 * kDay) cycles.push_back(52);
  if (interval >= 28 * kDay && interval <= 31 * kDay) cycles.push_back(12);
  return cycles;
}

// The highest peak (or the first one that is as high but for noise: it has
// multiples), and before it the first one that is not much lower.
std::vector<int> FindCycles(const std::vector<double>& correlation) {
  std::vector<int> peaks;
  for (size_t lag = 2; lag + 1 < correlation.size(); ++lag) {
    if (correlation[lag] > kVeryClear &&
        correlation[lag] >= correlation[lag - 1] &&
        correlation[lag] >= correlation[lag + 1]) {
      peaks.push_back(static_cast<int>(lag));
    }
  }
  if (peaks.empty()) return {};
  const int top = *std::max_element(
      peaks.begin(), peaks.end(),
      [&](int a, int b) { return correlation[a] < correlation[b]; });
  const auto first_above = [&](double least) {
    return *std::find_if(peaks.begin(), peaks.end(),
                         [&](int lag) { return correlation[lag] >= least; });
  };
  const int highest = first_above(correlation[top] - kNoise);
  const int first = first_above(kNearlyAsClear * correlation[top]);
  if (first < highest && highest % first == 0 &&
      1.0 - correlation[highest] < kLeftOver * (1.0 - correlation[first])) {
    return {first, highest};
  }
  return {first};
}

}  // namespace

std::vector<int> Seasons::All() const {
  std::vector<int> all = cycles;
  all.insert(all.end(), years.begin(), years.end());
  return all;
}

std::vector<double> Autocorrelation(const std::vector<double>& values,
                                    int most) {
  double mean = 0.0;
  for (double value : values) mean += value;
  mean /= std::max<size_t>(1, values.size());
  std::vector<double> correlation(most + 1);
  for (int lag = 0; lag <= most; ++lag) {
    for (size_t i = lag; i < values.size(); ++i) {
      correlation[lag] += (values[i] - mean) * (values[i - lag] - mean);
    }
  }
  const double variance = correlation[0];
  const auto size = static_cast<double>(values.size());
  for (int lag = 0; lag <= most; ++lag) {
    // The mean over as many products as there are.
    const double products = std::max(1.0, size - lag);
    correlation[lag] =
        variance > 0.0 ? correlation[lag] / variance * size / products : 0.0;
  }
  return correlation;
}

Seasons ChooseSeasons(const ForecastData& data,
                      std::vector<std::string>* reasons) {
  const std::vector<double> correlation = MeanAutocorrelation(data);
  const auto interval = data.interval();
  Seasons seasons;
  if (interval.count() > 0) {
    for (int cycle : CalendarCycles(interval)) {
      if (cycle < static_cast<int>(correlation.size()) &&
          correlation[cycle] > kClear) {
        seasons.cycles.push_back(cycle);
      }
    }
  } else {
    seasons.cycles = FindCycles(correlation);
  }
  if (interval == kDay && LongestFitRows(data) >= kDaysOfFourYears) {
    seasons.years.assign(std::begin(kYearDays), std::end(kYearDays));
  }
  std::vector<std::string> words;
  for (int cycle : seasons.cycles) {
    words.push_back(absl::StrFormat("%d (autocorrelation of changes %.2f)",
                                    cycle, correlation[cycle]));
  }
  for (int year : seasons.years) words.push_back(absl::StrCat(year));
  reasons->push_back(
      absl::StrCat("seasons in steps: ",
                   words.empty() ? "none" : absl::StrJoin(words, ", ")));
  return seasons;
}

}  // namespace recur
