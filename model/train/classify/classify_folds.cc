#include "model/train/classify/classify_folds.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/train/classify/classify_answers.h"
#include "model/train/classify/classify_pieces.h"
#include "model/train/classify/classify_trainer.h"
#include "model/train/learning/random.h"
#include "model/train/learning/serve_model.h"

namespace recur {
namespace {

// Examples and the fold of each.
struct Folds {
  std::vector<ClassifyExample> examples;
  std::vector<int> fold;
};

Folds FoldStreams(const ClassifyData& data,
                  const std::vector<ClassifyExample>& examples, int input_size,
                  int count) {
  Folds folds;
  for (int index : data.train) {
    const ClassifyExample& stream = examples[index];
    for (int64_t fold = 0; fold < count; ++fold) {
      const auto begin = static_cast<int>(fold * stream.steps / count);
      const auto end = static_cast<int>((fold + 1) * stream.steps / count);
      if (begin == end) continue;
      folds.examples.push_back(CutExample(stream, input_size, begin, end));
      folds.fold.push_back(static_cast<int>(fold));
    }
  }
  return folds;
}

Folds FoldExamples(const ClassifyData& data,
                   const std::vector<ClassifyExample>& examples, int count,
                   uint64_t seed) {
  std::vector<std::string> labels;
  std::vector<absl::string_view> contents;
  for (int index : data.train) {
    labels.push_back(data.labels[examples[index].labelled[0].truth]);
    contents.push_back(ContentOf(examples[index]));
  }
  Random random(seed);
  Folds folds;
  // Goes on from label to label, so that the folds are of one size.
  int next = 0;
  for (auto& [label, groups] : GroupExamples(labels, contents)) {
    if (static_cast<int>(groups.size()) < count) groups = Parted(groups);
    random.Shuffle(&groups);
    for (const std::vector<int>& equal : groups) {
      for (int i : equal) {
        folds.examples.push_back(examples[data.train[i]]);
        folds.fold.push_back(next % count);
      }
      ++next;
    }
  }
  return folds;
}

absl::StatusOr<ClassificationScore> ScoreFold(
    const ClassifyData& part, const ClassifyPlan& plan,
    const std::vector<ClassifyExample>& examples,
    const TrainingOptions& options, int max_epochs, Progress* progress) {
  auto training =
      TrainClassifier(part, plan, examples, options, max_epochs, progress);
  if (!training.ok()) return training.status();
  auto servable = ServeModel(training->model);
  if (!servable.ok()) return servable.status();
  auto answers = ClassifyExamples(*servable, examples, part.test);
  if (!answers.ok()) return answers.status();
  return ScoreClasses("model", part.labels, TruthOf(examples, part.test),
                      TopClasses(*answers));
}

std::string MeanAndDeviation(absl::Span<const ClassificationScore> scores,
                             const char* name,
                             double ClassificationScore::*value, bool percent) {
  const double count = static_cast<double>(scores.size());
  double mean = 0.0;
  for (const ClassificationScore& score : scores) mean += score.*value / count;
  double squares = 0.0;
  for (const ClassificationScore& score : scores) {
    squares += (score.*value - mean) * (score.*value - mean);
  }
  const double deviation = std::sqrt(squares / std::max(1.0, count - 1.0));
  const auto number = [&](double x) {
    return percent ? absl::StrFormat("%.1f%%", 100.0 * x)
                   : absl::StrFormat("%.3f", x);
  };
  return absl::StrCat(name, " ", number(mean), " +- ", number(deviation));
}

}  // namespace

absl::StatusOr<std::vector<ClassificationScore>> CrossValidate(
    const ClassifyData& data, const ClassifyPlan& plan,
    const std::vector<ClassifyExample>& examples,
    const TrainingOptions& options, int max_epochs, int folds,
    Progress* progress) {
  const Folds cut =
      data.label_per_step
          ? FoldStreams(data, examples, plan.spec.network.input_size, folds)
          : FoldExamples(data, examples, folds, options.seed);
  std::vector<ClassificationScore> scores;
  for (int fold = 0; fold < folds; ++fold) {
    ClassifyData part{.path = data.path,
                      .label_per_step = data.label_per_step,
                      .labels = data.labels};
    for (size_t i = 0; i < cut.fold.size(); ++i) {
      (cut.fold[i] == fold ? part.test : part.train)
          .push_back(static_cast<int>(i));
    }
    if (part.test.empty() || part.train.empty()) {
      return absl::InvalidArgumentError(
          absl::StrFormat("%s: %d examples are too few for --folds %d",
                          data.path, cut.examples.size(), folds));
    }
    auto score =
        ScoreFold(part, plan, cut.examples, options, max_epochs, progress);
    if (!score.ok()) return score.status();
    scores.push_back(*std::move(score));
  }
  return scores;
}

std::string FoldsText(absl::Span<const ClassificationScore> scores) {
  return absl::StrCat(
      scores.size(), " folds: ",
      MeanAndDeviation(scores, "accuracy", &ClassificationScore::accuracy,
                       true),
      ", ",
      MeanAndDeviation(scores, "F1", &ClassificationScore::macro_f1, false));
}

}  // namespace recur
