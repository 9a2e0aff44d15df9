#include "model/train/evaluation.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "model/data/csv.h"
#include "model/train/classify/classify_answers.h"
#include "model/train/classify/classify_data.h"
#include "model/train/classify/classify_examples.h"
#include "model/train/classify/score_classifier.h"
#include "model/train/explain/input_shares.h"
#include "model/train/forecast/forecast_data.h"
#include "model/train/forecast/forecast_plan.h"
#include "model/train/forecast/score_forecaster.h"
#include "model/train/forecast_facts.h"
#include "model/train/learning/serve_model.h"
#include "model/train/linear_floor.h"
#include "model/train/model_description.h"

namespace recur {
namespace {

constexpr int kHistoryPart = 10;   // one row in so many is history at least,
constexpr int kLeastHistory = 20;  // and so many beside two horizons

absl::Status CheckTime(const ModelSpec& spec, const EvaluationOptions& own) {
  if (!spec.features.calendar.Any() || !own.time.empty()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "--time is missing: the model has a calendar; name the column of times");
}

// What people call the categories of a column: at least their numbers.
std::vector<std::string> NamesOf(const Column& column) {
  std::vector<std::string> names = column.category_names;
  for (int i = static_cast<int>(names.size()); i < column.categories; ++i) {
    names.push_back(absl::StrCat(i));
  }
  return names;
}

// The columns of a forecaster as a trainer is given them: the targets, then
// what tells the series apart, if it knows them.
absl::StatusOr<ForecastDataOptions> ColumnsOf(const ModelSpec& spec) {
  ForecastDataOptions options;
  const int targets = static_cast<int>(spec.features.targets.size());
  for (int i = 0; i < static_cast<int>(spec.features.columns.size()); ++i) {
    const Column& column = spec.features.columns[i];
    if ((i < targets && spec.features.targets[i] != i) ||
        (i != targets && column.categories > 0)) {
      return absl::UnimplementedError(absl::StrFormat(
          "the columns of the model are not targets, series and others in this "
          "order, column \"%s\" is not: it was not made by recur-train",
          column.name));
    }
    if (i < targets) {
      options.targets.push_back(column.name);
    } else if (column.categories > 0) {
      options.series = column.name;
      options.known_series = NamesOf(column);
    } else {
      (column.known_ahead ? options.known : options.features)
          .push_back(column.name);
    }
  }
  options.horizon = spec.network.horizon;
  return options;
}

int ScoredRows(const ModelSpec& spec, int rows) {
  const int horizon = spec.network.horizon;
  const int season = std::max(
      {1, PastValues(spec.features), UsualSeason(spec.features.interval)});
  const int history = std::max(
      {rows / kHistoryPart, season + horizon + 1, 2 * horizon + kLeastHistory});
  return std::max(horizon, (rows - history) / horizon * horizon);
}

// Of the series that has the fewest.
absl::StatusOr<int> RowsOf(const CsvTable& table, const std::string& series) {
  if (series.empty()) return table.rows();
  auto column = table.ColumnIndex(series);
  if (!column.ok()) return column.status();
  std::map<absl::string_view, int> rows;
  for (int row = 0; row < table.rows(); ++row) ++rows[table.cell(row, *column)];
  int fewest = table.rows();
  for (const auto& [id, count] : rows) fewest = std::min(fewest, count);
  return fewest;
}

// Months are of different lengths, and so are intervals found in them.
bool SameInterval(std::chrono::microseconds one,
                  std::chrono::microseconds other) {
  const auto is_month = [](std::chrono::microseconds interval) {
    constexpr std::chrono::hours kDay(24);
    return interval >= 28 * kDay && interval <= 31 * kDay;
  };
  return one == other || (is_month(one) && is_month(other));
}

// What is asked of a file, of which the last rows are scored.
absl::StatusOr<ForecastData> ReadScored(const ModelSpec& spec,
                                        const std::string& path,
                                        const EvaluationOptions& own) {
  if (auto s = CheckTime(spec, own); !s.ok()) return s;
  auto columns = ColumnsOf(spec);
  if (!columns.ok()) return columns.status();
  auto table = CsvTable::Read(path);
  if (!table.ok()) return table.status();
  columns->time = own.time;
  if (!own.series.empty()) columns->series = own.series;
  auto rows = RowsOf(*table, columns->series);
  if (!rows.ok()) return rows.status();
  columns->test_rows = own.test_rows.value_or(ScoredRows(spec, *rows));
  auto data = MakeForecastData(*table, *columns);
  if (!data.ok()) return data;
  const auto interval = spec.features.interval;
  if (data->has_times() && !SameInterval(data->interval(), interval)) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: the rows are %s apart; the model takes steps of %s", path,
        IntervalText(data->interval()), IntervalText(interval)));
  }
  return data;
}

absl::Status CheckClassifierOptions(const ModelSpec& spec,
                                    const std::string& path,
                                    const EvaluationOptions& own) {
  if (absl::EndsWithIgnoreCase(path, ".ts")) return absl::OkStatus();
  if (own.label.empty()) {
    return absl::InvalidArgumentError(
        "--label is missing: name the column of labels");
  }
  if (spec.takes_text && own.text.empty()) {
    return absl::InvalidArgumentError(
        "--text is missing: the model takes texts; name their column");
  }
  if (!spec.takes_text && !own.text.empty()) {
    return absl::InvalidArgumentError(
        "--text is given, but the model takes sequences of numbers");
  }
  return CheckTime(spec, own);
}

absl::StatusOr<ClassifyData> ReadTest(const ModelSpec& spec,
                                      const std::string& path,
                                      const EvaluationOptions& own) {
  if (auto s = CheckClassifierOptions(spec, path, own); !s.ok()) return s;
  ClassifyDataOptions options;
  options.text_column = own.text;
  options.id_column = own.sequence_id;
  options.label_column = own.label;
  options.time_column = own.time;
  options.label_per_step = own.label_per_step;
  std::vector<std::string> columns;
  for (const Column& column : spec.features.columns) {
    columns.push_back(column.name);
  }
  if (!absl::EndsWithIgnoreCase(path, ".ts")) options.features = columns;
  auto examples = ReadExamples(path, options);
  if (!examples.ok()) return examples.status();
  if (spec.network.bidirectional && examples->label_per_step) {
    return absl::InvalidArgumentError(absl::StrCat(
        path,
        ": the model reads sequences from both ends, and without "
        "--sequence-id the rows are one long one with a label each: name "
        "the column that tells the sequences apart"));
  }
  if (examples->columns != columns) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: the values are %s; the model takes %s", path,
        absl::StrJoin(examples->columns, ", "), absl::StrJoin(columns, ", ")));
  }
  return MakeTestData(*std::move(examples), spec.labels);
}

}  // namespace

absl::StatusOr<ForecastReport> EvaluateForecaster(
    const Model& model, const std::string& path,
    const EvaluationOptions& options) {
  auto data = ReadScored(model.spec, path, options);
  if (!data.ok()) return data.status();
  auto servable = ServeModel(model);
  if (!servable.ok()) return servable.status();
  ForecastReport report;
  report.training.data = data->path;
  report.training.test_rows = data->test_rows();
  report.training.facts = FactsOf(*data);
  report.training.facts.push_back({"seen before the first forecast",
                                   absl::StrCat(data->train_rows(), " rows")});
  ForecastTest test{.season = options.season,
                    .floor_seasons = FloorSeasons(model.spec.features)};
  if (options.season > 1) test.floor_seasons = {options.season};
  std::optional<Servable> linear;
  if (const auto floor = LinearFloor(model); floor.has_value()) {
    auto served = ServeModel(*floor);
    if (!served.ok()) return served.status();
    linear.emplace(*std::move(served));
    test.linear = &*linear;
  }
  const absl::Status status = ScoreForecaster(*servable, *data, test, &report);
  if (!status.ok()) return status;
  auto inputs = ForecastInputShares(model, *data);
  if (!inputs.ok()) return inputs.status();
  report.inputs = *std::move(inputs);
  return report;
}

absl::StatusOr<ClassificationReport> EvaluateClassifier(
    const Model& model, const std::string& path,
    const EvaluationOptions& options) {
  auto data = ReadTest(model.spec, path, options);
  if (!data.ok()) return data.status();
  auto examples = EncodeExamples(model.spec, model.vocabulary, *data);
  if (!examples.ok()) return examples.status();
  auto servable = ServeModel(model);
  if (!servable.ok()) return servable.status();
  ClassificationReport report;
  report.training.data = data->path;
  report.training.test_rows =
      static_cast<int>(TruthOf(*examples, data->test).size());
  const absl::Status status =
      ScoreClassifier(*servable, *data, *examples, &report);
  if (!status.ok()) return status;
  auto inputs = ClassifierInputShares(model, *data);
  if (!inputs.ok()) return inputs.status();
  report.inputs = *std::move(inputs);
  return report;
}

}  // namespace recur
