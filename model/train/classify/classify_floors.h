// Simple classifiers that a recurrent network must beat to be worth its
// trouble.
#ifndef RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_FLOORS_H_
#define RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_FLOORS_H_

#include <vector>

#include "model/spec/model_spec.h"
#include "model/train/classify/classify_data.h"
#include "model/train/classify/classify_examples.h"
#include "model/train/report/classification_metrics.h"

namespace recur {

// Trained on the training part and scored on the test part of the data, at
// every labelled step. `examples` are all of the data's, encoded by the
// features or the tokenizer of `spec`. First "majority class", then:
//   texts      "linear, n-grams": logistic regression on words and pairs of
//              neighbours, or on up to four characters in a row
//   streams    "linear, this step": logistic regression on the current input
//   sequences  "nearest neighbour": the label of the training sequence at the
//              least Euclidean distance; those of other lengths are stretched
//              to a common one. Of large sets a part is looked at, so that it
//              takes seconds.
// Without training examples there is only the majority class, of the test.
std::vector<ClassificationScore> ClassifyFloors(
    const ModelSpec& spec, const ClassifyData& data,
    const std::vector<ClassifyExample>& examples);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_FLOORS_H_
