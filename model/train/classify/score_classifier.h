// Scores a classifier on labelled examples, beside its floors.
#ifndef RECUR_MODEL_TRAIN_CLASSIFY_SCORE_CLASSIFIER_H_
#define RECUR_MODEL_TRAIN_CLASSIFY_SCORE_CLASSIFIER_H_

#include <vector>

#include "absl/status/status.h"
#include "model/servable/servable.h"
#include "model/train/classify/classify_data.h"
#include "model/train/classify/classify_examples.h"
#include "model/train/report/report.h"

namespace recur {

// Fills scores and train_examples of *report from the test examples of the
// data; leaves the scores empty without any. `examples` are all of the data's,
// encoded. Without training examples the majority class is that of the test.
absl::Status ScoreClassifier(const Servable& model, const ClassifyData& data,
                             const std::vector<ClassifyExample>& examples,
                             ClassificationReport* report);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_CLASSIFY_SCORE_CLASSIFIER_H_
