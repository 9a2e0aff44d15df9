// One series to learn to forecast: read, checked, and cut into the part to
// train on and the untouched tail.
#ifndef RECUR_MODEL_TRAIN_FORECAST_DATA_H_
#define RECUR_MODEL_TRAIN_FORECAST_DATA_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/data/csv.h"
#include "model/data/dataset.h"
#include "model/features/features.h"

namespace recur {

struct ForecastDataOptions {
  std::string time;                  // column; empty: evenly spaced, no dates
  std::vector<std::string> targets;  // at least one
  std::vector<std::string> features;
  int horizon = 1;
  // The tail that nothing is fitted on, in whole windows of `horizon` rows: as
  // many as fit into this part of all rows, at least one if above 0,
  double test = 0.1;
  // or, if given, exactly into this many rows (0: no test).
  std::optional<int> test_rows;
};

struct ForecastData {
  SeriesTable table;  // targets first, then features
  int targets = 0;
  int horizon = 1;
  std::string path;        // for messages
  std::vector<int> lines;  // of the file, per row
  int test_rows = 0;

  int train_rows() const { return table.rows() - test_rows; }
  Observation At(int row) const;
  // "path: line N: "
  std::string Where(int row) const;
};

// Besides what ReadSeries refuses: too few rows for the horizon, and a target
// that is constant or missing all through the training part. The messages name
// the file and what to do.
absl::StatusOr<ForecastData> MakeForecastData(
    const CsvTable& table, const ForecastDataOptions& options);

// The rows laid out evenly: a gap in time becomes missing steps.
struct SeriesGrid {
  std::vector<int> step_of_row;
  int steps = 0;
  std::vector<double> targets;  // [steps, targets], NaN where missing

  // One target's values at all steps.
  std::vector<double> Target(int target, int targets_in_all) const;
};

// INVALID_ARGUMENT with file and line where `features` refuse a row.
absl::StatusOr<SeriesGrid> MakeGrid(const Features& features,
                                    const ForecastData& data);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_FORECAST_DATA_H_
