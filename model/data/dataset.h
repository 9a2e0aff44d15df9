// Tables -> what a trainer learns from: one series, labelled sequences or
// labelled texts; and their splits into train, validation and test.
//
//   auto table = CsvTable::Read("weather.csv");
//   auto series = ReadSeries(*table, {{"temp_max", "wind"}, "date"});
//   auto split = SplitSeries(series->rows(), 0.15, 0.1);
//
// Everything is a plain value in raw units. NaN means missing. Errors are
// INVALID_ARGUMENT (NOT_FOUND for a column that is not there) and name file,
// line and column.
#ifndef RECUR_MODEL_DATA_DATASET_H_
#define RECUR_MODEL_DATA_DATASET_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/data/csv.h"

namespace recur {

// A place where a series does not go on by one interval.
struct SeriesGap {
  int row = 0;   // the first row after it
  int line = 0;  // and its line in the file
  // From the row before; not a multiple of the interval if the row is off its
  // grid, and less than it if the row comes too early.
  std::chrono::microseconds distance{0};

  friend bool operator==(const SeriesGap&, const SeriesGap&) = default;
};

struct SeriesTable {
  std::vector<std::string> columns;
  std::vector<double> values;  // [rows, columns]
  std::vector<int64_t> times;  // [rows], us since the epoch; or empty

  // The most common difference of neighbouring times, of equally common ones
  // the smallest; zero without times or with a single row.
  std::chrono::microseconds interval{0};
  std::vector<SeriesGap> gaps;  // in row order; empty without times

  int rows() const {
    return columns.empty() ? 0
                           : static_cast<int>(values.size() / columns.size());
  }
};

struct SeriesColumns {
  std::vector<std::string> values;  // targets first, then features; >= 1
  std::string time;                 // empty: the rows are evenly spaced
};

// Refuses a table without rows, a column named twice and times that do not
// strictly ascend.
absl::StatusOr<SeriesTable> ReadSeries(const CsvTable& table,
                                       const SeriesColumns& columns);

// One of several series in a table.
struct NamedSeries {
  std::string id;
  SeriesTable table;
  std::vector<int> lines;  // of the file, per row
};

// The rows with the same text in the column `id` are one series, in file
// order; they need not be neighbours. Series are in order of their first rows.
// Refuses what ReadSeries refuses, of each series, and an empty id.
absl::StatusOr<std::vector<NamedSeries>> ReadSeriesById(
    const CsvTable& table, const SeriesColumns& columns, const std::string& id);

struct LabelledSequence {
  std::vector<double> values;  // [steps, columns]
  std::vector<int64_t> times;  // [steps], us since the epoch; or empty
  std::vector<int> lines;      // [steps] of the file
  std::string id;
  std::string label;                // of the whole sequence, or
  std::vector<std::string> labels;  // [steps], one of each
};

struct SequenceColumns {
  std::vector<std::string> values;  // >= 1, in this order
  std::string id;                   // rows with the same id are one sequence
  std::string label;                // needed
  std::string time;                 // empty: no times
  // Every row has a label of its own. Only then there may be no id: all rows
  // are one sequence.
  bool label_per_step = false;
};

// Sequences in order of their first rows, each with its rows in file order;
// the rows of an id need not be neighbours. Refuses an empty id or label, an
// id with two labels (unless there is one per step), and times that do not
// strictly ascend within an id.
absl::StatusOr<std::vector<LabelledSequence>> ReadLabelledSequences(
    const CsvTable& table, const SequenceColumns& columns);

// A .ts file of the UEA and UCR archives (timeseriesclassification.com): lines
// of a header that begin with "@", "@data", and then one sequence per line,
// its dimensions and last its label separated by ":", the values of a
// dimension by ",", "?" for a missing one. Lines that begin with "#" are
// comments. Sequences may differ in length, the dimensions of one may not.
struct TsFile {
  std::string path;
  std::vector<std::string> columns;  // "value", or "dim_0", "dim_1", ...
  std::vector<LabelledSequence> sequences;
};

// NOT_FOUND if it cannot be opened. Refuses files without labels and with
// timestamps, and names the line of what is no such file.
absl::StatusOr<TsFile> ReadTsFile(const std::string& path);
absl::StatusOr<TsFile> ParseTs(absl::string_view bytes, std::string path);

struct LabelledText {
  std::string text;
  std::string label;
  int line = 0;
};

// One per row. Refuses an empty text (white space alone is empty) or label.
absl::StatusOr<std::vector<LabelledText>> ReadLabelledTexts(
    const CsvTable& table, const std::string& text_column,
    const std::string& label_column);

// The distinct labels, ascending by bytes: the order of a model's classes.
std::vector<std::string> DistinctLabels(const std::vector<std::string>& labels);

// Rows [begin, end).
struct RowRange {
  int begin = 0;
  int end = 0;

  int size() const { return end - begin; }
  friend bool operator==(const RowRange&, const RowRange&) = default;
};

struct SeriesSplit {
  RowRange train;       // the oldest rows
  RowRange validation;  // those after them
  RowRange test;        // the newest
};

// Cuts rows in order: the last `test` of all rows and before them the last
// `validation` of the remaining ones, each rounded to whole rows. Fractions
// are in [0, 1); INVALID_ARGUMENT if they are not, if a fraction above 0
// yields no row, or if none is left to train on.
absl::StatusOr<SeriesSplit> SplitSeries(int rows, double validation,
                                        double test);

struct ExampleSplit {
  std::vector<int> train;  // indices of examples, ascending in each part
  std::vector<int> validation;
  std::vector<int> test;
};

// Examples of one label by content, in the order of the first of each: what is
// equal to a test example must not be trained on, or learning by heart would
// do.
using EqualExamples = std::vector<std::vector<int>>;

// `contents` are any bytes that are equal for equal examples, one per label.
std::map<std::string, EqualExamples> GroupExamples(
    const std::vector<std::string>& labels,
    absl::Span<const absl::string_view> contents);

// As if no two of them were equal.
EqualExamples Parted(const EqualExamples& examples);

// Draws the parts at random such that each holds every label in its share:
// `test` of all and `validation` of the rest, checked as above. Equal examples
// stay together (unless that leaves a part empty), and every label keeps one
// content to train on; but for that, the parts have the sizes asked for within
// one, as rounding is carried from label to label. The same arguments give the
// same split on every machine.
absl::StatusOr<ExampleSplit> SplitExamples(
    const std::map<std::string, EqualExamples>& by_label, double validation,
    double test, uint64_t seed);

}  // namespace recur

#endif  // RECUR_MODEL_DATA_DATASET_H_
