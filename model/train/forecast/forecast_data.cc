#include "model/train/forecast/forecast_data.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

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

absl::Status CheckLength(const ForecastData& data, const ForecastSeries& own) {
  const int needed = 2 * data.horizon + kLeastTrainRows;
  if (own.train_rows() >= needed && own.fit_rows() < needed) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s: --validation-rows is %d, which leaves %d of %d "
                        "rows to train on; a "
                        "horizon of %d needs at least %d",
                        data.path, own.validation_rows, own.fit_rows(),
                        own.train_rows(), data.horizon, needed));
  }
  if (own.train_rows() >= needed) return absl::OkStatus();
  const std::string name =
      own.id.empty() ? "" : absl::StrCat("series \"", own.id, "\" has ");
  const absl::string_view advice =
      own.id.empty() ? "use more data, a smaller --horizon or a smaller --test"
                     : "leave it out, or use a smaller --horizon or --test";
  if (own.train_rows() <= 0) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: %s%d rows, which leave none to train on beside %d for the test; a "
        "horizon of %d needs at least %d: %s",
        data.path, name, own.table.rows(), own.test_rows, data.horizon, needed,
        advice));
  }
  return absl::InvalidArgumentError(absl::StrFormat(
      "%s: %s%d rows, of which %d are kept for the test, leave %d to train on; "
      "a horizon of %d needs at least %d: %s",
      data.path, name, own.table.rows(), own.test_rows, own.train_rows(),
      data.horizon, needed, advice));
}

// Whether some series' training part has two different values of the column;
// *seen becomes one of them.
bool Varies(const ForecastData& data, int column, std::optional<double>* seen) {
  for (const ForecastSeries& own : data.series) {
    std::optional<double> first;
    for (int row = 0; row < own.fit_rows(); ++row) {
      const double value = own.At(row).values[column];
      if (std::isnan(value)) continue;
      if (first.has_value() && *first != value) return true;
      first = *seen = value;
    }
  }
  return false;
}

absl::Status CheckTarget(const ForecastData& data, int target) {
  std::optional<double> seen;
  if (Varies(data, target, &seen)) return absl::OkStatus();
  const std::string& name = data.columns()[target];
  if (!seen.has_value()) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: column \"%s\" is empty in all %d rows to train on; choose another "
        "--target",
        data.path, name, data.train_rows()));
  }
  const ForecastSeries& first = data.series.front();
  const ForecastSeries& last = data.series.back();
  return absl::InvalidArgumentError(absl::StrFormat(
      "%s: column \"%s\" is %g in all %d rows to train on (lines %d to %d): "
      "there is nothing to forecast; choose another --target",
      data.path, name, *seen, data.train_rows(), first.lines.front(),
      last.lines[last.train_rows() - 1]));
}

absl::StatusOr<std::vector<NamedSeries>> ReadAllSeries(
    const CsvTable& table, const ForecastDataOptions& options) {
  SeriesColumns columns{options.targets, options.time};
  columns.values.insert(columns.values.end(), options.features.begin(),
                        options.features.end());
  columns.values.insert(columns.values.end(), options.known.begin(),
                        options.known.end());
  if (!options.series.empty()) {
    return ReadSeriesById(table, columns, options.series);
  }
  auto only = ReadSeries(table, columns);
  if (!only.ok()) return only.status();
  std::vector<NamedSeries> series = {{"", *std::move(only), {}}};
  for (int row = 0; row < table.rows(); ++row) {
    series[0].lines.push_back(table.line(row));
  }
  return series;
}

// The place of a series among those that are known.
absl::StatusOr<double> PlaceOf(const ForecastSeries& own,
                               const std::vector<std::string>& known,
                               const ForecastData& data) {
  const auto found = std::find(known.begin(), known.end(), own.id);
  if (found != known.end()) return static_cast<double>(found - known.begin());
  return absl::InvalidArgumentError(absl::StrFormat(
      "%sthe model does not know the series \"%s\"; it knows %s",
      data.Where(own, 0), own.id, absl::StrJoin(known, ", ")));
}

// Adds the place of each series as a column behind the targets.
absl::Status AddSeriesColumn(const ForecastDataOptions& options,
                             ForecastData* data) {
  data->series_column = data->targets;
  const size_t width = data->columns().size();
  for (size_t s = 0; s < data->series.size(); ++s) {
    auto place = static_cast<double>(s);
    if (!options.known_series.empty()) {
      auto known = PlaceOf(data->series[s], options.known_series, *data);
      if (!known.ok()) return known.status();
      place = *known;
    }
    SeriesTable& table = data->series[s].table;
    table.columns.insert(table.columns.begin() + data->targets, options.series);
    std::vector<double> values;
    values.reserve(table.values.size() / width * (width + 1));
    for (auto row = table.values.begin(); row != table.values.end();
         row += width) {
      values.insert(values.end(), row, row + data->targets);
      values.push_back(place);
      values.insert(values.end(), row + data->targets, row + width);
    }
    table.values = std::move(values);
  }
  return absl::OkStatus();
}

void DropMissing(const std::vector<double>& missing, SeriesTable* table) {
  for (double& value : table->values) {
    if (std::find(missing.begin(), missing.end(), value) != missing.end()) {
      value = std::numeric_limits<double>::quiet_NaN();
    }
  }
}

absl::Status CheckInterval(const ForecastData& data,
                           const ForecastSeries& own) {
  if (own.table.interval == data.interval()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrFormat(
      "%s: series \"%s\" has an interval of %d us and series \"%s\" one of %d "
      "us; one model is for one interval: train on them apart",
      data.path, data.series[0].id, data.interval().count(), own.id,
      own.table.interval.count()));
}

absl::StatusOr<SeriesGrid> MakeGrid(const Features& features,
                                    const ForecastData& data,
                                    const ForecastSeries& own) {
  SeriesGrid grid;
  int64_t last_time_us = FeatureState::kNoTime;
  for (int row = 0; row < own.table.rows(); ++row) {
    const Observation observation = own.At(row);
    auto advance = features.Check(observation, last_time_us, "new");
    if (!advance.ok()) {
      return absl::Status(
          advance.status().code(),
          absl::StrCat(data.Where(own, row), advance.status().message()));
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

}  // namespace

Observation ForecastSeries::At(int row) const {
  const size_t columns = table.columns.size();
  Observation observation;
  observation.values =
      absl::MakeConstSpan(table.values.data() + row * columns, columns);
  if (!table.times.empty()) observation.time_us = table.times[row];
  return observation;
}

std::vector<double> ForecastSeries::KnownAfter(
    int row, int horizon, std::vector<double> last_known) const {
  const size_t columns = table.columns.size();
  const size_t known = last_known.size();
  const auto steps_after = [&](int other) -> int64_t {
    if (table.times.empty()) return other - row;
    const double distance =
        static_cast<double>(table.times[other] - table.times[row]);
    return std::llround(distance / static_cast<double>(table.interval.count()));
  };
  std::vector<double> values;
  int next = row + 1;
  for (int step = 0; step <= horizon; ++step) {
    for (; next < table.rows() && steps_after(next) <= step; ++next) {
      for (size_t i = 0; i < known; ++i) {
        const double value = At(next).values[columns - known + i];
        if (!std::isnan(value)) last_known[i] = value;
      }
    }
    if (step == 0) continue;
    values.insert(values.end(), last_known.begin(), last_known.end());
  }
  return values;
}

std::string ForecastSeries::RowName(int row) const {
  return table.times.empty() ? absl::StrCat("row ", row + 1)
                             : FormatTime(table.times[row]);
}

int ForecastData::train_rows() const {
  int rows = 0;
  for (const ForecastSeries& own : series) rows += own.train_rows();
  return rows;
}

int ForecastData::test_rows() const {
  int rows = 0;
  for (const ForecastSeries& own : series) rows += own.test_rows;
  return rows;
}

std::string ForecastData::Where(const ForecastSeries& own, int row) const {
  return absl::StrCat(path, ": line ", own.lines[row], ": ");
}

absl::StatusOr<ForecastData> MakeForecastData(
    const CsvTable& table, const ForecastDataOptions& options) {
  if (options.horizon < 1) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "--horizon is %d; it must be 1 or more", options.horizon));
  }
  auto series = ReadAllSeries(table, options);
  if (!series.ok()) return series.status();
  ForecastData data{.targets = static_cast<int>(options.targets.size()),
                    .known = static_cast<int>(options.known.size()),
                    .horizon = options.horizon,
                    .path = table.path()};
  if (options.validation_rows < 0) {
    return absl::InvalidArgumentError(
        absl::StrFormat("--validation-rows is %d; it must be 0 or more",
                        options.validation_rows));
  }
  for (NamedSeries& own : *series) {
    DropMissing(options.missing, &own.table);
    auto test_rows = TestRows(options, own.table.rows());
    if (!test_rows.ok()) return test_rows.status();
    data.series.push_back({std::move(own.id), std::move(own.table),
                           std::move(own.lines), *test_rows,
                           options.validation_rows});
    if (auto s = CheckLength(data, data.series.back()); !s.ok()) return s;
    if (auto s = CheckInterval(data, data.series.back()); !s.ok()) return s;
  }
  for (int target = 0; target < data.targets; ++target) {
    if (auto s = CheckTarget(data, target); !s.ok()) return s;
  }
  const bool learnable =
      data.series.size() > 1 && data.series.size() <= kMostKnownSeries;
  if (learnable || !options.known_series.empty()) {
    if (auto s = AddSeriesColumn(options, &data); !s.ok()) return s;
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

absl::StatusOr<std::vector<SeriesGrid>> MakeGrids(const Features& features,
                                                  const ForecastData& data) {
  std::vector<SeriesGrid> grids;
  for (const ForecastSeries& own : data.series) {
    auto grid = MakeGrid(features, data, own);
    if (!grid.ok()) return grid.status();
    grids.push_back(*std::move(grid));
  }
  return grids;
}

}  // namespace recur
