#include "model/train/forecast_facts.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/train/model_description.h"
#include "model/train/report/html_text.h"

namespace recur {
namespace {

std::string RowsText(const ForecastData& data) {
  const ForecastSeries& first = data.series[0];
  const int rows = data.train_rows() + data.test_rows();
  if (data.series.size() == 1) {
    return absl::StrFormat("%d, %s to %s", rows, first.RowName(0),
                           first.RowName(rows - 1));
  }
  const auto [shortest, longest] =
      std::minmax_element(data.series.begin(), data.series.end(),
                          [](const ForecastSeries& a, const ForecastSeries& b) {
                            return a.table.rows() < b.table.rows();
                          });
  return absl::StrFormat("%d, %d to %d in a series", rows,
                         shortest->table.rows(), longest->table.rows());
}

std::string GapsText(const ForecastData& data) {
  size_t gaps = 0;
  std::chrono::microseconds longest{0};
  for (const ForecastSeries& own : data.series) {
    gaps += own.table.gaps.size();
    for (const SeriesGap& gap : own.table.gaps) {
      longest = std::max(longest, gap.distance);
    }
  }
  if (gaps == 0) return "none";
  return absl::StrCat(gaps, ", the longest ", IntervalText(longest));
}

std::string ColumnText(const ForecastData& data, int column) {
  double mean = 0.0;
  int count = 0;
  int missing = 0;
  double lowest = std::numeric_limits<double>::infinity();
  double highest = -lowest;
  for (const ForecastSeries& own : data.series) {
    for (int row = 0; row < own.table.rows(); ++row) {
      const double value = own.At(row).values[column];
      if (std::isnan(value)) {
        ++missing;
        continue;
      }
      mean += (value - mean) / ++count;
      lowest = std::min(lowest, value);
      highest = std::max(highest, value);
    }
  }
  if (count == 0) return "missing in every row";
  std::string text = absl::StrFormat("%s to %s, mean %s", FigureText(lowest),
                                     FigureText(highest), FigureText(mean));
  if (missing > 0) absl::StrAppend(&text, ", missing in ", missing, " rows");
  return text;
}

}  // namespace

std::vector<Fact> FactsOf(const ForecastData& data) {
  std::vector<Fact> facts;
  if (data.series.size() > 1) {
    facts.push_back(
        {"series",
         absl::StrCat(
             data.series.size(),
             data.series_column < 0 ? "" : ", which the model tells apart")});
  }
  facts.push_back({"rows", RowsText(data)});
  if (data.has_times()) {
    facts.push_back({"interval", IntervalText(data.interval())});
    facts.push_back({"gaps", GapsText(data)});
  }
  const int columns = static_cast<int>(data.columns().size());
  for (int column = 0; column < columns; ++column) {
    if (column == data.series_column) continue;
    const char* kind = column < data.targets            ? "target "
                       : column >= columns - data.known ? "known ahead "
                                                        : "column ";
    facts.push_back({kind + data.columns()[column], ColumnText(data, column)});
  }
  return facts;
}

}  // namespace recur
