#include "model/train/classify_data.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace recur {
namespace {

std::vector<std::string> OtherColumns(const CsvTable& table,
                                      const ClassifyDataOptions& options) {
  std::vector<std::string> others;
  for (const std::string& column : table.columns()) {
    if (column != options.id_column && column != options.label_column &&
        column != options.time_column) {
      others.push_back(column);
    }
  }
  return others;
}

std::chrono::microseconds CommonInterval(
    const std::vector<LabelledSequence>& sequences) {
  std::map<int64_t, int64_t> counts;
  for (const LabelledSequence& sequence : sequences) {
    for (size_t i = 1; i < sequence.times.size(); ++i) {
      ++counts[sequence.times[i] - sequence.times[i - 1]];
    }
  }
  const auto most = std::max_element(
      counts.begin(), counts.end(),
      [](const auto& a, const auto& b) { return a.second < b.second; });
  return std::chrono::microseconds(most == counts.end() ? 0 : most->first);
}

absl::Status ReadExamples(const CsvTable& table,
                          const ClassifyDataOptions& options,
                          ClassifyData* data) {
  if (!options.text_column.empty()) {
    auto texts =
        ReadLabelledTexts(table, options.text_column, options.label_column);
    if (!texts.ok()) return texts.status();
    data->texts = *std::move(texts);
    return absl::OkStatus();
  }
  data->columns = options.features.empty() ? OtherColumns(table, options)
                                           : options.features;
  if (data->columns.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(table.path(), ": no column is left as a feature beside ",
                     options.id_column, " and ", options.label_column));
  }
  auto sequences =
      ReadLabelledSequences(table, {data->columns, options.id_column,
                                    options.label_column, options.time_column});
  if (!sequences.ok() && options.features.empty()) {
    return absl::Status(
        sequences.status().code(),
        absl::StrCat(sequences.status().message(),
                     " (without --features every column but the id, the label "
                     "and --time is a feature)"));
  }
  if (!sequences.ok()) return sequences.status();
  data->sequences = *std::move(sequences);
  data->interval = CommonInterval(data->sequences);
  return absl::OkStatus();
}

std::vector<std::string> LabelsInOrder(const ClassifyData& data) {
  std::vector<std::string> labels;
  for (const LabelledText& text : data.texts) labels.push_back(text.label);
  for (const LabelledSequence& sequence : data.sequences) {
    labels.push_back(sequence.label);
  }
  return labels;
}

absl::Status SplitTail(int tail, ClassifyData* data) {
  const int examples = static_cast<int>(data->truth.size());
  if (tail < 0 || tail >= examples) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: --test-rows is %d; the file has %d examples, of which some must "
        "be left to train on",
        data->path, tail, examples));
  }
  data->train.resize(examples - tail);
  std::iota(data->train.begin(), data->train.end(), 0);
  data->test.resize(tail);
  std::iota(data->test.begin(), data->test.end(), examples - tail);
  return absl::OkStatus();
}

absl::Status SplitAtRandom(const std::vector<std::string>& labels,
                           const ClassifyDataOptions& options,
                           ClassifyData* data) {
  auto split = SplitExamples(labels, 0.0, options.test, options.seed);
  if (!split.ok()) {
    return absl::Status(
        split.status().code(),
        absl::StrCat(data->path, ": ", split.status().message()));
  }
  data->train = std::move(split->train);
  data->test = std::move(split->test);
  return absl::OkStatus();
}

absl::Status CheckTrainLabels(const ClassifyData& data) {
  std::set<int> trained;
  for (int example : data.train) trained.insert(data.truth[example]);
  for (size_t label = 0; label < data.labels.size(); ++label) {
    if (trained.count(static_cast<int>(label)) > 0) continue;
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: all examples of label \"%s\" are in the test part; use a smaller "
        "--test-rows or --test",
        data.path, data.labels[label]));
  }
  return absl::OkStatus();
}

}  // namespace

const std::string& ClassifyData::LabelOf(int example) const {
  return is_text() ? texts[example].label : sequences[example].label;
}

std::string ClassifyData::Where(int example) const {
  return absl::StrCat(
      path, ": line ",
      is_text() ? texts[example].line : sequences[example].first_line, ": ");
}

absl::StatusOr<ClassifyData> MakeClassifyData(
    const CsvTable& table, const ClassifyDataOptions& options) {
  ClassifyData data{.path = table.path()};
  if (auto s = ReadExamples(table, options, &data); !s.ok()) return s;
  const std::vector<std::string> labels = LabelsInOrder(data);
  data.labels = DistinctLabels(labels);
  if (data.labels.size() < 2) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: all %d examples have the label \"%s\" in column \"%s\"; a "
        "classifier needs at least two labels",
        data.path, labels.size(), labels.empty() ? "" : labels[0],
        options.label_column));
  }
  for (const std::string& label : labels) {
    data.truth.push_back(static_cast<int>(
        std::lower_bound(data.labels.begin(), data.labels.end(), label) -
        data.labels.begin()));
  }
  const absl::Status split = options.test_examples.has_value()
                                 ? SplitTail(*options.test_examples, &data)
                                 : SplitAtRandom(labels, options, &data);
  if (!split.ok()) return split;
  if (auto s = CheckTrainLabels(data); !s.ok()) return s;
  return data;
}

}  // namespace recur
