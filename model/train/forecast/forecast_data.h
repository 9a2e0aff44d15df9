// Series to learn to forecast: read, checked, and each cut into the part to
// train on and the untouched tail.
#ifndef RECUR_MODEL_TRAIN_FORECAST_FORECAST_DATA_H_
#define RECUR_MODEL_TRAIN_FORECAST_FORECAST_DATA_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/data/csv.h"
#include "model/data/dataset.h"
#include "model/features/features.h"

namespace recur {

// So many series a model can tell apart; more it takes to be alike.
inline constexpr int kMostKnownSeries = 32;

struct ForecastDataOptions {
  std::string time;    // column; empty: evenly spaced, no dates
  std::string series;  // column of ids; empty: one series
  // The ids that a model knows, by place: then all series are of these, and
  // have the column of their places. Empty: those of the table.
  std::vector<std::string> known_series;
  std::vector<std::string> targets;  // at least one
  std::vector<std::string> features;
  // Columns whose values are known before they come, as a plan or a holiday.
  std::vector<std::string> known;
  std::vector<double> missing;  // numbers that stand for a missing value
  int horizon = 1;
  // The tail of every series that nothing is fitted on, in whole windows of
  // `horizon` rows: as many as fit into this part of all rows, at least one if
  // above 0,
  double test = 0.1;
  // or, if given, exactly this many rows (0: no test).
  std::optional<int> test_rows;
  // Rows before the test that are given for validation: nothing is fitted on
  // them either. 0: the trainer holds some back and fits on them afterwards.
  int validation_rows = 0;
};

// A row from which a forecast is learnt or judged.
struct Origin {
  int series = 0;
  int row = 0;
  int step = 0;  // of its series

  friend bool operator==(const Origin&, const Origin&) = default;
};

// One of them.
struct ForecastSeries {
  std::string id;          // empty if there is only one
  SeriesTable table;       // targets, then features, then what is known
  std::vector<int> lines;  // of the file, per row
  int test_rows = 0;
  int validation_rows = 0;  // given ones

  int train_rows() const { return table.rows() - test_rows; }
  // The rows that anything may be fitted on.
  int fit_rows() const { return train_rows() - validation_rows; }
  Observation At(int row) const;
  std::string RowName(int row) const;  // its time, or "row N" from 1 on
  // The last columns, as many as `last_known`, at the `horizon` steps after a
  // row, [horizon, known]. Where a value or a row is missing or the table ends,
  // what came before stands in: at first `last_known`, from up to that row
  // (Features::LastKnown).
  std::vector<double> KnownAfter(int row, int horizon,
                                 std::vector<double> last_known) const;
};

struct ForecastData {
  std::vector<ForecastSeries> series;  // at least one
  int targets = 0;
  // The column that holds a series' place in `series`, or among the known ones;
  // -1 if there is only one, or more than a model can learn to know.
  int series_column = -1;
  int known = 0;  // the last columns
  int horizon = 1;
  std::string path;  // for messages

  // Of every series alike.
  const std::vector<std::string>& columns() const {
    return series[0].table.columns;
  }
  std::chrono::microseconds interval() const {
    return series[0].table.interval;
  }
  bool has_times() const { return !series[0].table.times.empty(); }

  // In all series together.
  int train_rows() const;
  int test_rows() const;
  // "path: line N: "
  std::string Where(const ForecastSeries& own, int row) const;
};

// Besides what ReadSeries refuses: too few rows for the horizon, series of
// different intervals, and a target that is constant or missing all through the
// training part, and a series that is not known. The messages name the file and
// what to do.
absl::StatusOr<ForecastData> MakeForecastData(
    const CsvTable& table, const ForecastDataOptions& options);

// The rows of a series laid out evenly: a gap in time becomes missing steps.
struct SeriesGrid {
  std::vector<int> step_of_row;
  int steps = 0;
  std::vector<double> targets;  // [steps, targets], NaN where missing

  // One target's values at all steps.
  std::vector<double> Target(int target, int targets_in_all) const;
  // Steps that the first `rows` rows take.
  int StepsOf(int rows) const {
    return rows > 0 ? step_of_row[rows - 1] + 1 : 0;
  }
};

// One per series. INVALID_ARGUMENT with file and line where `features` refuse
// a row.
absl::StatusOr<std::vector<SeriesGrid>> MakeGrids(const Features& features,
                                                  const ForecastData& data);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_FORECAST_FORECAST_DATA_H_
