#include "model/train/classify/classify_choices.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace recur {
namespace {

constexpr int kMembers = 5;
constexpr int kFewMembers = 3;
// The more there is to learn from, the longer it takes and the less networks of
// other seeds differ.
constexpr int64_t kManySteps = 400'000;
constexpr int64_t kVeryManySteps = 2'000'000;
constexpr int kFewExamples = 3000;
constexpr int kVeryFewExamples = 300;
constexpr double kRare = 0.1;  // of an even share of the examples

int64_t StepsToLearn(const ClassifyData& data) {
  int64_t steps = 0;
  for (int example : data.train) {
    // A word has about five letters and a space.
    steps += data.is_text()
                 ? static_cast<int64_t>(data.texts[example].text.size() / 6 + 1)
                 : static_cast<int64_t>(data.sequences[example].lines.size());
  }
  return steps;
}

void ChooseMembers(const ClassifyData& data, const ClassifySettings& settings,
                   ClassifyPlan* plan) {
  const int64_t steps = StepsToLearn(data);
  const auto examples = static_cast<int>(data.train.size());
  if (settings.members.has_value()) {
    plan->members = *settings.members;
  } else if (steps <= kManySteps) {
    plan->members = kMembers;
  } else {
    plan->members = steps <= kVeryManySteps ? kFewMembers : 1;
  }
  if (data.label_per_step || examples <= kVeryFewExamples) {
    plan->holdouts = 5;
  } else {
    plan->holdouts = examples <= kFewExamples ? 3 : 1;
  }
  plan->reasons.push_back(absl::StrFormat(
      "training: %d network%s of other seeds merged into one; how long, by %d "
      "part%s held back",
      plan->members, plan->members == 1 ? "" : "s", plan->holdouts,
      plan->holdouts == 1 ? "" : "s in turn"));
}

void ChoosePooling(const ClassifyData& data, const ClassifySettings& settings,
                   ClassifyPlan* plan) {
  if (settings.pooling.has_value()) {
    plan->poolings = {*settings.pooling};
  } else if (!data.label_per_step) {
    plan->poolings = {Pooling::kLast, Pooling::kMean, Pooling::kMax};
  }
  const auto name = [](std::string* out, Pooling pooling) {
    absl::StrAppend(out, PoolingName(pooling));
  };
  plan->spec.network.pooling = plan->poolings[0];
  plan->reasons.push_back(absl::StrCat(
      "pooling: ", absl::StrJoin(plan->poolings, ", ", name),
      plan->poolings.size() > 1 ? ": whichever validates best" : ""));
}

void ChooseClassWeights(const ClassifyData& data,
                        const ClassifySettings& settings, ClassifyPlan* plan) {
  const std::vector<int> counts = data.CountLabels(data.train);
  double total = 0.0;
  for (int count : counts) total += count;
  const double even = total / static_cast<double>(counts.size());
  const auto rarest = std::min_element(counts.begin(), counts.end());
  const std::string rare =
      absl::StrFormat("\"%s\" is %d of %.0f",
                      data.labels[rarest - counts.begin()], *rarest, total);
  if (settings.class_weights == ClassWeights::kBalanced) {
    for (int count : counts) plan->class_weights.push_back(even / count);
    plan->reasons.push_back(absl::StrCat(
        "class weights: every label counts as much as any other (", rare, ")"));
  } else if (*rarest < kRare * even) {
    plan->reasons.push_back(
        absl::StrCat("class weights: none, for the most right answers; ", rare,
                     ", --class-weights balanced finds more of them"));
  }
}

// Tells of examples that are there more than once.
void CountRepeats(const ClassifyData& data, ClassifyPlan* plan) {
  if (data.label_per_step) return;
  std::set<absl::string_view> contents;
  for (int example : data.train) contents.insert(data.ContentOf(example));
  const size_t repeats = data.train.size() - contents.size();
  if (repeats == 0) return;
  plan->reasons.push_back(absl::StrFormat(
      "repeats: %d of %d examples are like an earlier one; equal ones of a "
      "label are held back together where there are others",
      repeats, data.train.size()));
}

}  // namespace

void ChooseTraining(const ClassifyData& data, const ClassifySettings& settings,
                    ClassifyPlan* plan) {
  ChoosePooling(data, settings, plan);
  ChooseMembers(data, settings, plan);
  ChooseClassWeights(data, settings, plan);
  CountRepeats(data, plan);
}

}  // namespace recur
