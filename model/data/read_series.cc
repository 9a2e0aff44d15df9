#include <map>

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
                                const std::vector<int64_t>& times,
                                int64_t interval) {
  std::vector<SeriesGap> gaps;
  for (int row = 1; row < static_cast<int>(times.size()); ++row) {
    const int64_t distance = times[row] - times[row - 1];
    if (distance == interval) continue;
    gaps.push_back({row, table.line(row), std::chrono::microseconds(distance)});
  }
  return gaps;
}

}  // namespace

absl::StatusOr<SeriesTable> ReadSeries(const CsvTable& table,
                                       const SeriesColumns& columns) {
  absl::StatusOr<std::vector<double>> values =
      ReadNumbers(table, columns.values);
  if (!values.ok()) return values.status();
  absl::StatusOr<std::vector<int64_t>> times = ReadTimes(table, columns.time);
  if (!times.ok()) return times.status();
  for (int row = 1; row < static_cast<int>(times->size()); ++row) {
    const absl::Status status =
        CheckAscends(table, columns.time, *times, row - 1, row);
    if (!status.ok()) return status;
  }
  const int64_t interval = MostCommonDifference(*times);
  SeriesTable series;
  series.columns = columns.values;
  series.interval = std::chrono::microseconds(interval);
  series.gaps = FindGaps(table, *times, interval);
  series.values = *std::move(values);
  series.times = *std::move(times);
  return series;
}

}  // namespace recur
