// Columns of a CSV file -> observations in the order of a model's inputs.
#ifndef RECUR_CLIENT_CLI_OBSERVATIONS_H_
#define RECUR_CLIENT_CLI_OBSERVATIONS_H_

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "client/sdk/types.h"
#include "model/data/csv.h"

namespace recur::cli {

struct Observations {
  int width = 0;
  std::vector<double> values;     // [rows, width]
  std::vector<int64_t> times_us;  // one per row, or empty

  int rows() const {
    return width == 0 ? 0 : static_cast<int>(values.size()) / width;
  }
  absl::Span<const double> row(int i) const {
    return absl::MakeConstSpan(values).subspan(static_cast<size_t>(i) * width,
                                               width);
  }
  // Rows [begin, end) as they go into a call.
  client::Sequence Slice(int begin, int end) const;
};

// Where a model's inputs are in a table.
struct ColumnMap {
  std::vector<int> inputs;
  // Per input what is read as 0, 1, 2, ...; empty: numbers.
  std::vector<std::vector<std::string>> categories;
  int time = -1;  // -1: no times are read
};

// By the inputs' names. The time column is `time_column` or, for a model that
// looks at times, the first of "time", "date", "timestamp", "datetime" that is
// there. NOT_FOUND naming the missing column, the model and what there is.
absl::StatusOr<ColumnMap> MapColumns(const CsvTable& table,
                                     const client::ModelInfo& model,
                                     const std::string& time_column);

// Errors are CsvTable's and ReadCategories': they name line and column.
absl::StatusOr<Observations> ReadObservations(const CsvTable& table,
                                              const ColumnMap& columns);

// The inputs that are known ahead, of rows [begin, begin + count): what a
// forecast from row begin - 1 may be told. Empty if the model has none, or if a
// row or a value is not there.
std::vector<double> KnownAhead(const Observations& observations,
                               const client::ModelInfo& model, int begin,
                               int count);

// The error of a table that has a header and nothing else.
absl::Status NoRows(const CsvTable& table);

// A whole file, or all of `in` if the path is "-".
absl::StatusOr<CsvTable> ReadTable(const std::string& path, std::istream& in);

}  // namespace recur::cli

#endif  // RECUR_CLIENT_CLI_OBSERVATIONS_H_
