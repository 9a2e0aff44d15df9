#include <map>
#include <numeric>

#include "model/data/dataset.h"
#include "model/data/table_columns.h"

namespace recur {
namespace {

int64_t MostCommonDifference(const std::vector<int64_t>& times) {
  std::map<int64_t, int> counts;
  for (size_t i = 1; i < times.size(); ++i) ++counts[times[i] - times[i - 1]];
  int64_t common = 0;
  int most = 0;
  for (const auto& [difference, count] : counts) {
    if (count <= most) continue;
    common = difference;
    most = count;
  }
  return common;
}

std::vector<SeriesGap> FindGaps(const CsvTable& table,
                                const std::vector<int>& rows,
                                const std::vector<int64_t>& times,
                                int64_t interval) {
  std::vector<SeriesGap> gaps;
  for (int row = 1; row < static_cast<int>(times.size()); ++row) {
    const int64_t distance = times[row] - times[row - 1];
    if (distance == interval) continue;
    gaps.push_back(
        {row, table.line(rows[row]), std::chrono::microseconds(distance)});
  }
  return gaps;
}

// The values and times of all rows of a table.
struct AllRows {
  std::vector<double> values;
  std::vector<int64_t> times;
};

absl::StatusOr<AllRows> ReadAll(const CsvTable& table,
                                const SeriesColumns& columns) {
  absl::StatusOr<std::vector<double>> values =
      ReadNumbers(table, columns.values);
  if (!values.ok()) return values.status();
  absl::StatusOr<std::vector<int64_t>> times = ReadTimes(table, columns.time);
  if (!times.ok()) return times.status();
  return AllRows{*std::move(values), *std::move(times)};
}

absl::StatusOr<SeriesTable> PickRows(const CsvTable& table,
                                     const SeriesColumns& columns,
                                     const AllRows& all,
                                     const std::vector<int>& rows) {
  const size_t width = columns.values.size();
  SeriesTable series;
  series.columns = columns.values;
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto first = all.values.begin() + rows[i] * width;
    series.values.insert(series.values.end(), first, first + width);
    if (all.times.empty()) continue;
    series.times.push_back(all.times[rows[i]]);
    if (i == 0) continue;
    const absl::Status status =
        CheckAscends(table, columns.time, all.times, rows[i - 1], rows[i]);
    if (!status.ok()) return status;
  }
  const int64_t interval = MostCommonDifference(series.times);
  series.interval = std::chrono::microseconds(interval);
  series.gaps = FindGaps(table, rows, series.times, interval);
  return series;
}

}  // namespace

absl::StatusOr<SeriesTable> ReadSeries(const CsvTable& table,
                                       const SeriesColumns& columns) {
  absl::StatusOr<AllRows> all = ReadAll(table, columns);
  if (!all.ok()) return all.status();
  std::vector<int> rows(table.rows());
  std::iota(rows.begin(), rows.end(), 0);
  return PickRows(table, columns, *all, rows);
}

absl::StatusOr<std::vector<NamedSeries>> ReadSeriesById(
    const CsvTable& table, const SeriesColumns& columns,
    const std::string& id) {
  absl::StatusOr<AllRows> all = ReadAll(table, columns);
  if (!all.ok()) return all.status();
  absl::StatusOr<int> column = NeededColumn(table, id, "the series");
  if (!column.ok()) return column.status();
  std::vector<NamedSeries> series;
  std::vector<std::vector<int>> rows;
  std::map<absl::string_view, size_t> index;
  for (int row = 0; row < table.rows(); ++row) {
    if (auto s = CheckFilled(table, row, *column); !s.ok()) return s;
    const absl::string_view name = table.cell(row, *column);
    const auto [at, is_new] = index.emplace(name, series.size());
    if (is_new) {
      series.push_back({.id = std::string(name)});
      rows.emplace_back();
    }
    series[at->second].lines.push_back(table.line(row));
    rows[at->second].push_back(row);
  }
  for (size_t i = 0; i < series.size(); ++i) {
    absl::StatusOr<SeriesTable> own = PickRows(table, columns, *all, rows[i]);
    if (!own.ok()) return own.status();
    series[i].table = *std::move(own);
  }
  return series;
}

}  // namespace recur
