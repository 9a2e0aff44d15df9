// Small series for the tests of this room.
#ifndef RECUR_TESTS_UNIT_MODEL_TRAIN_FORECAST_SERIES_FIXTURES_H_
#define RECUR_TESTS_UNIT_MODEL_TRAIN_FORECAST_SERIES_FIXTURES_H_

#include <functional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/data/csv.h"
#include "model/train/forecast/forecast_data.h"

namespace recur {

constexpr int64_t kDayUs = 86400000000;

// "date,y" with one row per day from 2020-01-01 on.
inline std::string DailyCsv(int days, const std::function<double(int)>& value) {
  std::string csv = "date,y\n";
  for (int day = 0; day < days; ++day) {
    absl::StrAppend(&csv, FormatTime((18262 + day) * kDayUs), ",", value(day),
                    "\n");
  }
  return csv;
}

inline absl::StatusOr<ForecastData> ParseSeries(const std::string& csv,
                                                int horizon, int test_rows) {
  auto table = CsvTable::Parse(csv, "series.csv");
  if (!table.ok()) return table.status();
  ForecastDataOptions options;
  options.time = "date";
  options.targets = {"y"};
  options.horizon = horizon;
  options.test_rows = test_rows;
  return MakeForecastData(*table, options);
}

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_MODEL_TRAIN_FORECAST_SERIES_FIXTURES_H_
