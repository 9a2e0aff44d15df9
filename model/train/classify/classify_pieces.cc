#include "model/train/classify/classify_pieces.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/train/learning/random.h"

namespace recur {
namespace {

constexpr int kStretches = 20;

// Windows of [begin, end), the last one ending with it.
void CutStretch(const ClassifyExample& example, int input_size, int window,
                int begin, int end, int stretch, ClassifyPieces* pieces) {
  const int stride = std::max(1, window / 2);
  for (int at = begin;; at += stride) {
    const int last = std::min(at + window, end);
    const int first = std::max(begin, last - window);
    ClassifyExample piece = CutExample(example, input_size, first, last);
    if (!piece.labelled.empty()) {
      pieces->examples.push_back(std::move(piece));
      pieces->stretches.push_back(stretch);
    }
    if (last == end) return;
  }
}

absl::StatusOr<ExampleSplit> HoldBackStretches(const ClassifyData& data,
                                               const ClassifyPieces& pieces,
                                               double validation,
                                               uint64_t seed) {
  const std::set<int> distinct(pieces.stretches.begin(),
                               pieces.stretches.end());
  std::vector<int> drawn(distinct.begin(), distinct.end());
  if (drawn.size() < 2) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: the sequences are too short to hold back --validation %g of "
        "their steps; use more of them, or --validation 0 and --epochs",
        data.path, validation));
  }
  Random(seed).Shuffle(&drawn);
  const auto wanted =
      static_cast<size_t>(std::lround(validation * drawn.size()));
  drawn.resize(std::clamp<size_t>(wanted, 1, drawn.size() - 1));
  ExampleSplit split;
  for (size_t i = 0; i < pieces.examples.size(); ++i) {
    const bool held = std::find(drawn.begin(), drawn.end(),
                                pieces.stretches[i]) != drawn.end();
    (held ? split.validation : split.train).push_back(static_cast<int>(i));
  }
  return split;
}

absl::StatusOr<ExampleSplit> HoldBackExamples(const ClassifyData& data,
                                              const ClassifyPieces& pieces,
                                              double validation,
                                              uint64_t seed) {
  std::vector<std::string> labels;
  std::vector<absl::string_view> contents;
  for (const ClassifyExample& example : pieces.examples) {
    labels.push_back(data.labels[example.labelled[0].truth]);
    contents.push_back(ContentOf(example));
  }
  auto split =
      SplitExamples(GroupExamples(labels, contents), validation, 0.0, seed);
  if (!split.ok()) {
    return absl::Status(
        split.status().code(),
        absl::StrCat(data.path, ": ", split.status().message()));
  }
  if (!split->validation.empty()) return split;
  return absl::InvalidArgumentError(absl::StrFormat(
      "%s: %d examples of %d labels are too few to hold back --validation %g; "
      "use more different examples per label, or --validation 0 and --epochs",
      data.path, labels.size(), data.labels.size(), validation));
}

}  // namespace

ClassifyExample CutExample(const ClassifyExample& example, int input_size,
                           int begin, int end) {
  ClassifyExample window;
  window.steps = end - begin;
  window.inputs.assign(example.inputs.begin() + int64_t{begin} * input_size,
                       example.inputs.begin() + int64_t{end} * input_size);
  for (const LabelledStep& labelled : example.labelled) {
    if (labelled.step < begin || labelled.step >= end) continue;
    window.labelled.push_back({labelled.step - begin, labelled.truth});
  }
  return window;
}

ClassifyPieces MakePieces(const ClassifyData& data,
                          const std::vector<ClassifyExample>& examples,
                          int input_size, int window) {
  ClassifyPieces pieces;
  int64_t steps = 0;
  for (int index : data.train) steps += examples[index].steps;
  const int stretch = static_cast<int>(
      std::max<int64_t>(int64_t{2} * window, steps / kStretches));
  int stretches = 0;
  for (int index : data.train) {
    const ClassifyExample& example = examples[index];
    if (!data.label_per_step) {
      pieces.examples.push_back(example);
      continue;
    }
    for (int begin = 0; begin < example.steps; begin += stretch) {
      CutStretch(example, input_size, window, begin,
                 std::min(begin + stretch, example.steps), stretches++,
                 &pieces);
    }
  }
  return pieces;
}

absl::StatusOr<ExampleSplit> HoldBack(const ClassifyData& data,
                                      const ClassifyPieces& pieces,
                                      double validation, uint64_t seed) {
  return data.label_per_step ? HoldBackStretches(data, pieces, validation, seed)
                             : HoldBackExamples(data, pieces, validation, seed);
}

}  // namespace recur
