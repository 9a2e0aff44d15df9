// k-fold cross-validation of a plan for a classifier.
#ifndef RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_FOLDS_H_
#define RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_FOLDS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/train/classify/classify_data.h"
#include "model/train/classify/classify_examples.h"
#include "model/train/classify/classify_plan.h"
#include "model/train/learning/training_options.h"
#include "model/train/report/classification_metrics.h"
#include "model/train/report/progress.h"

namespace recur {

// Cuts the training examples into `folds` parts, at least two: each label in
// its share, drawn by the seed, or of streams one stretch of time after the
// other. Trains on all but one and scores on that one, for each; the test part
// is not looked at. What the plan has learned (scales, vocabulary) is of all
// training examples. INVALID_ARGUMENT if there are too few.
absl::StatusOr<std::vector<ClassificationScore>> CrossValidate(
    const ClassifyData& data, const ClassifyPlan& plan,
    const std::vector<ClassifyExample>& examples,
    const TrainingOptions& options, int max_epochs, int folds,
    Progress* progress);

// "5 folds: accuracy 95.1% +- 1.2%, F1 0.948 +- 0.013": means and standard
// deviations.
std::string FoldsText(absl::Span<const ClassificationScore> scores);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_FOLDS_H_
