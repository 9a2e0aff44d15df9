#include "client/cli/observations.h"

#include <cmath>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "model/data/table_columns.h"

namespace recur::cli {
namespace {

constexpr const char* kTimeColumns[] = {"time", "date", "timestamp",
                                        "datetime"};

absl::StatusOr<int> TimeColumn(const CsvTable& table,
                               const client::ModelInfo& model,
                               const std::string& time_column) {
  if (!time_column.empty()) return table.ColumnIndex(time_column);
  const bool looks_at_times = model.needs_time || model.interval.count() > 0;
  if (!looks_at_times) return -1;
  for (const char* name : kTimeColumns) {
    const absl::StatusOr<int> index = table.ColumnIndex(name);
    if (index.ok()) return *index;
  }
  if (!model.needs_time) return -1;
  return absl::NotFoundError(absl::StrFormat(
      "%s: model \"%s\" needs times, and there is no column %s; name one with "
      "--time. There are: %s",
      table.path(), model.name, absl::StrJoin(kTimeColumns, ", "),
      absl::StrJoin(table.columns(), ", ")));
}

}  // namespace

client::Sequence Observations::Slice(int begin, int end) const {
  client::Sequence sequence;
  const auto first = values.begin() + static_cast<int64_t>(begin) * width;
  const auto last = values.begin() + static_cast<int64_t>(end) * width;
  sequence.values.assign(first, last);
  if (!times_us.empty()) {
    sequence.times_us.assign(times_us.begin() + begin, times_us.begin() + end);
  }
  return sequence;
}

absl::StatusOr<ColumnMap> MapColumns(const CsvTable& table,
                                     const client::ModelInfo& model,
                                     const std::string& time_column) {
  ColumnMap map;
  for (const client::ModelInput& input : model.inputs) {
    const absl::StatusOr<int> index = table.ColumnIndex(input.name);
    if (!index.ok()) {
      return absl::NotFoundError(absl::StrFormat(
          "%s: no column \"%s\", which model \"%s\" takes; there are: %s",
          table.path(), input.name, model.name,
          absl::StrJoin(table.columns(), ", ")));
    }
    map.inputs.push_back(*index);
    map.categories.push_back(input.categories);
  }
  const absl::StatusOr<int> time = TimeColumn(table, model, time_column);
  if (!time.ok()) return time.status();
  map.time = *time;
  return map;
}

absl::StatusOr<Observations> ReadObservations(const CsvTable& table,
                                              const ColumnMap& columns) {
  Observations observations;
  observations.width = static_cast<int>(columns.inputs.size());
  observations.values.resize(static_cast<size_t>(table.rows()) *
                             observations.width);
  for (int c = 0; c < observations.width; ++c) {
    const std::vector<std::string>& names = columns.categories[c];
    const auto numbers = names.empty()
                             ? table.Numbers(columns.inputs[c])
                             : ReadCategories(table, columns.inputs[c], names);
    if (!numbers.ok()) return numbers.status();
    for (int row = 0; row < table.rows(); ++row) {
      observations.values[static_cast<size_t>(row) * observations.width + c] =
          (*numbers)[row];
    }
  }
  if (columns.time >= 0) {
    auto times = table.Times(columns.time);
    if (!times.ok()) return times.status();
    observations.times_us = std::move(*times);
  }
  return observations;
}

std::vector<double> KnownAhead(const Observations& observations,
                               const client::ModelInfo& model, int begin,
                               int count) {
  std::vector<double> known;
  if (begin + count > observations.rows()) return known;
  for (int row = begin; row < begin + count; ++row) {
    for (size_t i = 0; i < model.inputs.size(); ++i) {
      if (!model.inputs[i].known_ahead) continue;
      known.push_back(observations.row(row)[i]);
      if (std::isnan(known.back())) return {};
    }
  }
  return known;
}

absl::Status NoRows(const CsvTable& table) {
  return absl::InvalidArgumentError(
      absl::StrCat(table.path(), " has a header and no rows"));
}

absl::StatusOr<CsvTable> ReadTable(const std::string& path, std::istream& in) {
  if (path != "-") return CsvTable::Read(path);
  const std::string bytes{std::istreambuf_iterator<char>(in),
                          std::istreambuf_iterator<char>()};
  return CsvTable::Parse(bytes, "standard input");
}

}  // namespace recur::cli
