#include "model/train/forecast_data.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace recur {
namespace {

// Rows that even the smallest training needs beside its horizon.
constexpr int kLeastTrainRows = 16;

absl::StatusOr<int> TestRows(const ForecastDataOptions& options, int rows) {
  if (options.test_rows.has_value()) {
    const int test = *options.test_rows;
    if (test < 0 || test % options.horizon != 0) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "--test-rows is %d; it must be a multiple of the horizon %d: the "
          "test is made of whole windows",
          test, options.horizon));
    }
    return test;
  }
  if (!(options.test >= 0.0 && options.test < 1.0)) {
    return absl::InvalidArgumentError(
        absl::StrFormat("--test is %g; it must be in [0, 1)", options.test));
  }
  if (options.test == 0.0) return 0;
  const int windows = static_cast<int>(options.test * rows) / options.horizon;
  return std::max(1, windows) * options.horizon;
}

absl::Status CheckLength(const ForecastData& data) {
  const int needed = 2 * data.horizon + kLeastTrainRows;
  if (data.train_rows() >= needed) return absl::OkStatus();
  if (data.train_rows() <= 0) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: %d rows, which leave none to train on beside %d for the test; a "
        "horizon of %d needs at least %d: use more data, a smaller --horizon "
        "or a smaller --test",
        data.path, data.table.rows(), data.test_rows, data.horizon, needed));
  }
  return absl::InvalidArgumentError(absl::StrFormat(
      "%s: %d rows, of which %d are kept for the test, leave %d to train on; a "
      "horizon of %d needs at least %d: use more data, a smaller --horizon or "
      "a smaller --test",
      data.path, data.table.rows(), data.test_rows, data.train_rows(),
      data.horizon, needed));
}

absl::Status CheckTarget(const ForecastData& data, int target) {
  const size_t columns = data.table.columns.size();
  std::optional<double> first;
  for (int row = 0; row < data.train_rows(); ++row) {
    const double value = data.table.values[row * columns + target];
    if (std::isnan(value)) continue;
    if (first.has_value() && *first != value) return absl::OkStatus();
    first = value;
  }
  const std::string& name = data.table.columns[target];
  if (!first.has_value()) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: column \"%s\" is empty in all %d rows to train on; choose another "
        "--target",
        data.path, name, data.train_rows()));
  }
  return absl::InvalidArgumentError(absl::StrFormat(
      "%s: column \"%s\" is %g in all %d rows to train on (lines %d to %d): "
      "there is nothing to forecast; choose another --target",
      data.path, name, *first, data.train_rows(), data.lines.front(),
      data.lines[data.train_rows() - 1]));
}

}  // namespace

Observation ForecastData::At(int row) const {
  const size_t columns = table.columns.size();
  Observation observation;
  observation.values =
      absl::MakeConstSpan(table.values.data() + row * columns, columns);
  if (!table.times.empty()) observation.time_us = table.times[row];
  return observation;
}

std::string ForecastData::Where(int row) const {
  return absl::StrCat(path, ": line ", lines[row], ": ");
}

absl::StatusOr<ForecastData> MakeForecastData(
    const CsvTable& table, const ForecastDataOptions& options) {
  if (options.horizon < 1) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "--horizon is %d; it must be 1 or more", options.horizon));
  }
  SeriesColumns columns{options.targets, options.time};
  columns.values.insert(columns.values.end(), options.features.begin(),
                        options.features.end());
  auto series = ReadSeries(table, columns);
  if (!series.ok()) return series.status();
  auto test_rows = TestRows(options, series->rows());
  if (!test_rows.ok()) return test_rows.status();
  ForecastData data{.table = *std::move(series),
                    .targets = static_cast<int>(options.targets.size()),
                    .horizon = options.horizon,
                    .path = table.path(),
                    .test_rows = *test_rows};
  for (int row = 0; row < table.rows(); ++row) {
    data.lines.push_back(table.line(row));
  }
  if (auto s = CheckLength(data); !s.ok()) return s;
  for (int target = 0; target < data.targets; ++target) {
    if (auto s = CheckTarget(data, target); !s.ok()) return s;
  }
  return data;
}

std::vector<double> SeriesGrid::Target(int target, int targets_in_all) const {
  std::vector<double> values(steps);
  for (int step = 0; step < steps; ++step) {
    values[step] = targets[static_cast<size_t>(step) * targets_in_all + target];
  }
  return values;
}

absl::StatusOr<SeriesGrid> MakeGrid(const Features& features,
                                    const ForecastData& data) {
  SeriesGrid grid;
  int64_t last_time_us = FeatureState::kNoTime;
  for (int row = 0; row < data.table.rows(); ++row) {
    const Observation observation = data.At(row);
    auto advance = features.Check(observation, last_time_us, "new");
    if (!advance.ok()) {
      return absl::Status(
          advance.status().code(),
          absl::StrCat(data.Where(row), advance.status().message()));
    }
    last_time_us = advance->time_us;
    grid.steps += advance->intervals;
    grid.step_of_row.push_back(grid.steps - 1);
    grid.targets.resize(static_cast<size_t>(grid.steps) * data.targets,
                        std::numeric_limits<double>::quiet_NaN());
    std::copy_n(observation.values.begin(), data.targets,
                grid.targets.end() - data.targets);
  }
  return grid;
}

}  // namespace recur
