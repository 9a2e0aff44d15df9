// Looks at labelled examples and chooses the model that is trained on them.
#ifndef RECUR_MODEL_TRAIN_CLASSIFY_PLAN_H_
#define RECUR_MODEL_TRAIN_CLASSIFY_PLAN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/spec/model_spec.h"
#include "model/train/classify_data.h"

namespace recur {

struct ClassifySettings {
  Cell cell;
  int hidden_size = 48;
  int layers = 1;
  bool bidirectional = false;
  int embedding_size = 64;     // of text
  Head head = Head::kSoftmax;  // or kSigmoid for two labels
  TextSpec text;
  int max_vocabulary = 20000;
  int min_count = 1;  // a word seen less often is unknown
  // Part of the words of a training text that are made unknown, so that the
  // model learns to live with unknown words.
  double word_dropout = 0.1;
  bool calendar = true;  // choose calendar inputs, if there are times
  int utc_offset_minutes = 0;
};

struct ClassifyPlan {
  ModelSpec spec;
  std::vector<std::string> vocabulary;  // from the training part
  double word_dropout = 0.0;
  std::vector<std::string> reasons;  // what was chosen and why, a line each
};

// Numeric inputs are scaled by mean and deviation of the training part; with
// times, the day's phase is an input for steps finer than 12 hours, and the
// year's where the examples span two years. INVALID_ARGUMENT for settings out
// of range, a sigmoid head without exactly two labels, and training texts
// without a word.
absl::StatusOr<ClassifyPlan> PlanClassifier(const ClassifyData& data,
                                            const ClassifySettings& settings);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_CLASSIFY_PLAN_H_
