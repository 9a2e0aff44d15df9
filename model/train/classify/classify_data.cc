#include "model/train/classify/classify_data.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace recur {
namespace {

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

// The labels of an example: one, or one per step.
std::vector<std::string> LabelsOf(const ClassifyData& data, size_t example) {
  if (data.is_text()) return {data.texts[example].label};
  const LabelledSequence& sequence = data.sequences[example];
  if (data.label_per_step) return sequence.labels;
  return {sequence.label};
}

void SetTruth(ClassifyData* data) {
  const size_t examples = data->texts.size() + data->sequences.size();
  std::set<std::string> distinct;
  for (size_t i = 0; i < examples; ++i) {
    for (std::string& label : LabelsOf(*data, i)) {
      distinct.insert(std::move(label));
    }
  }
  data->labels.assign(distinct.begin(), distinct.end());
  for (size_t i = 0; i < examples; ++i) {
    std::vector<int>& truth = data->truth.emplace_back();
    for (const std::string& label : LabelsOf(*data, i)) {
      truth.push_back(static_cast<int>(
          std::lower_bound(data->labels.begin(), data->labels.end(), label) -
          data->labels.begin()));
    }
  }
}

absl::Status SplitBefore(int first_test, ClassifyData* data) {
  data->train.resize(first_test);
  std::iota(data->train.begin(), data->train.end(), 0);
  data->test.resize(data->truth.size() - first_test);
  std::iota(data->test.begin(), data->test.end(), first_test);
  return absl::OkStatus();
}

template <typename Value>
void MoveTail(size_t keep, std::vector<Value>* from, std::vector<Value>* to) {
  if (from->empty()) return;
  const auto begin = from->begin() + static_cast<int64_t>(keep);
  to->assign(std::make_move_iterator(begin),
             std::make_move_iterator(from->end()));
  from->erase(begin, from->end());
}

LabelledSequence TakeTail(size_t steps, LabelledSequence* from) {
  const size_t keep = from->labels.size() - steps;
  const size_t width = from->values.size() / from->labels.size();
  LabelledSequence tail;
  tail.id = from->id;
  MoveTail(keep * width, &from->values, &tail.values);
  MoveTail(keep, &from->times, &tail.times);
  MoveTail(keep, &from->lines, &tail.lines);
  MoveTail(keep, &from->labels, &tail.labels);
  return tail;
}

absl::Status TailIsWrong(int tail, size_t size, const char* what,
                         const std::string& path) {
  return absl::InvalidArgumentError(absl::StrFormat(
      "%s: --test-rows is %d; the file has %d %s, of which some must be left "
      "to train on",
      path, tail, size, what));
}

// The last rows of each stream become streams of their own.
absl::Status SplitStreams(const ClassifyDataOptions& options,
                          LabelledExamples* examples,
                          std::vector<LabelledSequence>* tests) {
  if (!options.test_examples.has_value()) {
    if (!(options.test >= 0.0 && options.test < 1.0)) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "--test is %g; it must be at least 0 and below 1", options.test));
    }
    for (LabelledSequence& sequence : examples->sequences) {
      const auto steps = static_cast<size_t>(std::floor(
          options.test * static_cast<double>(sequence.lines.size())));
      if (steps > 0) tests->push_back(TakeTail(steps, &sequence));
    }
    return absl::OkStatus();
  }
  if (examples->sequences.size() != 1) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: --test-rows is of one stream; the file has %d, use --test or "
        "--test-data",
        examples->path, examples->sequences.size()));
  }
  const int tail = *options.test_examples;
  LabelledSequence& stream = examples->sequences[0];
  if (tail < 0 || tail >= static_cast<int>(stream.lines.size())) {
    return TailIsWrong(tail, stream.lines.size(), "rows", examples->path);
  }
  if (tail > 0) tests->push_back(TakeTail(tail, &stream));
  return absl::OkStatus();
}

// The last ones, or drawn at random.
absl::Status SplitOneFile(const ClassifyDataOptions& options,
                          ClassifyData* data) {
  if (options.test_examples.has_value()) {
    const int tail = *options.test_examples;
    const auto own = static_cast<int>(data->truth.size());
    if (tail < 0 || tail >= own) {
      return TailIsWrong(tail, own, "examples", data->path);
    }
    return SplitBefore(own - tail, data);
  }
  std::vector<std::string> labels;
  std::vector<absl::string_view> contents;
  for (const std::vector<int>& truth : data->truth) {
    contents.push_back(data->ContentOf(static_cast<int>(labels.size())));
    labels.push_back(data->labels[truth[0]]);
  }
  auto split = SplitExamples(GroupExamples(labels, contents), 0.0, options.test,
                             options.seed);
  if (!split.ok()) {
    return absl::Status(
        split.status().code(),
        absl::StrCat(data->path, ": ", split.status().message()));
  }
  data->train = std::move(split->train);
  data->test = std::move(split->test);
  return absl::OkStatus();
}

absl::Status CheckTestFile(const LabelledExamples& examples,
                           const LabelledExamples& test) {
  if (test.columns == examples.columns) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrFormat("%s: the values are %s; those of %s are %s", test.path,
                      absl::StrJoin(test.columns, ", "), examples.path,
                      absl::StrJoin(examples.columns, ", ")));
}

absl::Status CheckTwoLabels(const ClassifyData& data,
                            const ClassifyDataOptions& options) {
  if (data.labels.size() >= 2) return absl::OkStatus();
  size_t count = 0;
  for (const std::vector<int>& truth : data.truth) count += truth.size();
  return absl::InvalidArgumentError(absl::StrFormat(
      "%s: all %d %s have the label \"%s\"%s; a classifier needs at least two "
      "labels",
      data.path, count, data.label_per_step ? "rows" : "examples",
      data.labels.empty() ? "" : data.labels[0],
      options.label_column.empty()
          ? ""
          : absl::StrCat(" in column \"", options.label_column, "\"")));
}

absl::Status CheckTrainLabels(const ClassifyData& data) {
  const std::vector<int> counts = data.CountLabels(data.train);
  for (size_t label = 0; label < counts.size(); ++label) {
    if (counts[label] > 0) continue;
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: all examples of label \"%s\" are in the test part; use %s",
        data.path, data.labels[label],
        data.test_path.empty() ? "a smaller --test-rows or --test"
                               : "training data that have it"));
  }
  return absl::OkStatus();
}

// All of the examples, without a truth yet.
ClassifyData WithoutTruth(LabelledExamples examples) {
  ClassifyData data{.path = std::move(examples.path)};
  data.label_per_step = examples.label_per_step;
  data.columns = std::move(examples.columns);
  data.texts = std::move(examples.texts);
  data.sequences = std::move(examples.sequences);
  data.interval = CommonInterval(data.sequences);
  return data;
}

void Append(LabelledExamples test, ClassifyData* data) {
  data->test_path = std::move(test.path);
  std::move(test.texts.begin(), test.texts.end(),
            std::back_inserter(data->texts));
  std::move(test.sequences.begin(), test.sequences.end(),
            std::back_inserter(data->sequences));
}

}  // namespace

int ClassifyData::LineOf(int example, int step) const {
  return is_text() ? texts[example].line : sequences[example].lines[step];
}

std::string ClassifyData::Where(int example, int step) const {
  const bool other_file =
      !test_path.empty() && !test.empty() && example >= test.front();
  return absl::StrCat(other_file ? test_path : path, ": line ",
                      LineOf(example, step), ": ");
}

absl::string_view ClassifyData::ContentOf(int example) const {
  if (is_text()) return texts[example].text;
  const std::vector<double>& values = sequences[example].values;
  return {reinterpret_cast<const char*>(values.data()),
          values.size() * sizeof(double)};
}

std::vector<int> ClassifyData::CountLabels(
    const std::vector<int>& examples) const {
  std::vector<int> counts(labels.size());
  for (int example : examples) {
    for (int label : truth[example]) ++counts[label];
  }
  return counts;
}

absl::StatusOr<ClassifyData> MakeClassifyData(
    LabelledExamples examples, std::optional<LabelledExamples> test,
    const ClassifyDataOptions& options) {
  if (test.has_value()) {
    if (auto s = CheckTestFile(examples, *test); !s.ok()) return s;
  } else if (examples.label_per_step) {
    test.emplace();
    const absl::Status split =
        SplitStreams(options, &examples, &test->sequences);
    if (!split.ok()) return split;
  }
  const int own = static_cast<int>(examples.size());
  ClassifyData data = WithoutTruth(std::move(examples));
  if (test.has_value()) Append(*std::move(test), &data);
  SetTruth(&data);
  if (auto s = CheckTwoLabels(data, options); !s.ok()) return s;
  const absl::Status split =
      own < static_cast<int>(data.truth.size()) || data.label_per_step
          ? SplitBefore(own, &data)
          : SplitOneFile(options, &data);
  if (!split.ok()) return split;
  if (auto s = CheckTrainLabels(data); !s.ok()) return s;
  return data;
}

absl::StatusOr<ClassifyData> MakeTestData(
    LabelledExamples examples, const std::vector<std::string>& labels) {
  ClassifyData data = WithoutTruth(std::move(examples));
  data.labels = labels;
  const size_t count = data.texts.size() + data.sequences.size();
  for (size_t i = 0; i < count; ++i) {
    std::vector<int>& truth = data.truth.emplace_back();
    for (const std::string& label : LabelsOf(data, i)) {
      const auto found = std::find(labels.begin(), labels.end(), label);
      if (found == labels.end()) {
        return absl::InvalidArgumentError(absl::StrFormat(
            "%sthe model has no label \"%s\"; it knows %s",
            data.Where(static_cast<int>(i), static_cast<int>(truth.size())),
            label, absl::StrJoin(labels, ", ")));
      }
      truth.push_back(static_cast<int>(found - labels.begin()));
    }
    data.test.push_back(static_cast<int>(i));
  }
  return data;
}

}  // namespace recur
