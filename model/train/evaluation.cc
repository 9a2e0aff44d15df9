#include "model/train/evaluation.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "model/train/classify_data.h"
#include "model/train/classify_examples.h"
#include "model/train/forecast_data.h"
#include "model/train/forecast_plan.h"
#include "model/train/input_shares.h"
#include "model/train/score_classifier.h"
#include "model/train/score_forecaster.h"
#include "model/train/serve_model.h"

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

// The columns of a forecaster as a trainer is given them.
absl::StatusOr<ForecastDataOptions> ColumnsOf(const ModelSpec& spec) {
  ForecastDataOptions options;
  const std::vector<int>& targets = spec.features.targets;
  for (size_t i = 0; i < spec.features.columns.size(); ++i) {
    const std::string& name = spec.features.columns[i].name;
    if (i >= targets.size()) {
      options.features.push_back(name);
    } else if (targets[i] == static_cast<int>(i)) {
      options.targets.push_back(name);
    } else {
      return absl::UnimplementedError(absl::StrFormat(
          "the model's targets are not its first columns but %s: it was not "
          "made by recur-train",
          absl::StrJoin(targets, ", ")));
    }
  }
  options.horizon = spec.network.horizon;
  return options;
}

int ScoredRows(const ModelSpec& spec, int rows) {
  const int horizon = spec.network.horizon;
  const int season = std::max(
      {1, LongestSeason(spec.features), UsualSeason(spec.features.interval)});
  const int history = std::max(
      {rows / kHistoryPart, season + horizon + 1, 2 * horizon + kLeastHistory});
  return std::max(horizon, (rows - history) / horizon * horizon);
}

// The class of every example, by the model's labels.
absl::Status SetTruth(const std::vector<std::string>& labels,
                      const std::string& column, ClassifyData* data) {
  data->labels = labels;
  const size_t examples = data->texts.size() + data->sequences.size();
  for (size_t i = 0; i < examples; ++i) {
    const std::string& label = data->LabelOf(static_cast<int>(i));
    const auto found = std::find(labels.begin(), labels.end(), label);
    if (found == labels.end()) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "%scolumn \"%s\": the model has no label \"%s\"; it knows %s",
          data->Where(static_cast<int>(i)), column, label,
          absl::StrJoin(labels, ", ")));
    }
    data->truth.push_back(static_cast<int>(found - labels.begin()));
  }
  data->test.resize(examples);
  std::iota(data->test.begin(), data->test.end(), 0);
  return absl::OkStatus();
}

absl::StatusOr<ClassifyData> ReadExamples(const ModelSpec& spec,
                                          const CsvTable& table,
                                          const EvaluationOptions& own) {
  ClassifyData data{.path = table.path()};
  if (spec.takes_text) {
    auto texts = ReadLabelledTexts(table, own.text, own.label);
    if (!texts.ok()) return texts.status();
    data.texts = *std::move(texts);
  } else {
    for (const Column& column : spec.features.columns) {
      data.columns.push_back(column.name);
    }
    auto sequences = ReadLabelledSequences(
        table, {data.columns, own.sequence_id, own.label, own.time});
    if (!sequences.ok()) return sequences.status();
    data.sequences = *std::move(sequences);
  }
  if (auto s = SetTruth(spec.labels, own.label, &data); !s.ok()) return s;
  return data;
}

absl::Status CheckClassifierOptions(const ModelSpec& spec,
                                    const EvaluationOptions& own) {
  if (own.label.empty()) {
    return absl::InvalidArgumentError(
        "--label is missing: name the column of labels");
  }
  if (spec.takes_text && own.text.empty()) {
    return absl::InvalidArgumentError(
        "--text is missing: the model takes texts; name their column");
  }
  if (!spec.takes_text && own.sequence_id.empty()) {
    return absl::InvalidArgumentError(
        "--sequence-id is missing: the model takes sequences; name the column "
        "that tells them apart");
  }
  return CheckTime(spec, own);
}

}  // namespace

absl::StatusOr<ForecastReport> EvaluateForecaster(
    const Model& model, const CsvTable& table,
    const EvaluationOptions& options) {
  const ModelSpec& spec = model.spec;
  if (auto s = CheckTime(spec, options); !s.ok()) return s;
  auto columns = ColumnsOf(spec);
  if (!columns.ok()) return columns.status();
  columns->time = options.time;
  columns->test_rows =
      options.test_rows.value_or(ScoredRows(spec, table.rows()));
  auto data = MakeForecastData(table, *columns);
  if (!data.ok()) return data.status();
  auto servable = ServeModel(model);
  if (!servable.ok()) return servable.status();
  ForecastReport report;
  report.training.data = data->path;
  report.training.test_rows = data->test_rows;
  report.training.facts = {{"seen before the first forecast",
                            absl::StrCat(data->train_rows(), " rows")}};
  const absl::Status status =
      ScoreForecaster(*servable, *data, options.season, &report);
  if (!status.ok()) return status;
  auto inputs = ForecastInputShares(model, *data);
  if (!inputs.ok()) return inputs.status();
  report.inputs = *std::move(inputs);
  return report;
}

absl::StatusOr<ClassificationReport> EvaluateClassifier(
    const Model& model, const CsvTable& table,
    const EvaluationOptions& options) {
  if (auto s = CheckClassifierOptions(model.spec, options); !s.ok()) return s;
  auto data = ReadExamples(model.spec, table, options);
  if (!data.ok()) return data.status();
  auto examples = EncodeExamples(model.spec, model.vocabulary, *data);
  if (!examples.ok()) return examples.status();
  auto servable = ServeModel(model);
  if (!servable.ok()) return servable.status();
  ClassificationReport report;
  report.training.data = data->path;
  report.training.test_rows = static_cast<int>(data->test.size());
  const absl::Status status =
      ScoreClassifier(*servable, *data, *examples, &report);
  if (!status.ok()) return status;
  auto inputs = ClassifierInputShares(model, *data);
  if (!inputs.ok()) return inputs.status();
  report.inputs = *std::move(inputs);
  return report;
}

}  // namespace recur
