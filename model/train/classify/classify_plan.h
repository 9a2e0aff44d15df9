// Looks at labelled examples and chooses the model that is trained on them.
#ifndef RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_PLAN_H_
#define RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_PLAN_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/spec/model_spec.h"
#include "model/train/classify/classify_data.h"

namespace recur {

// How training examples are changed at random each time they are seen.
struct Augmentation {
  // Part of the words that are made unknown, so that the model learns to live
  // with unknown words.
  double word_dropout = 0.0;
  // Deviation of what is added to each input; those are scaled to 1.
  double noise = 0.0;
};

// What the loss counts an example of each class.
//   kNone      the same: most answers are right
//   kBalanced  the inverse of the class's frequency: rare classes are found as
//              often as common ones, at the price of right answers
enum class ClassWeights { kNone, kBalanced };

struct ClassifySettings {
  Cell cell{CellKind::kGru};
  int hidden_size = 64;
  int layers = 1;
  // Empty: texts are read in both directions, sequences in one, so that a
  // session can be held on the model.
  std::optional<bool> bidirectional;
  // Empty: of whole examples that which validates best, of streams the last.
  std::optional<Pooling> pooling;
  int embedding_size = 64;     // of text
  Head head = Head::kSoftmax;  // or kSigmoid for two labels
  // Empty: characters if most texts are one word, else words.
  std::optional<TokenUnit> unit;
  bool lowercase = true;
  int max_vocabulary = 20000;
  int min_count = 1;  // a word seen less often is unknown
  double word_dropout = 0.1;
  double noise = 0.3;  // of sequences
  ClassWeights class_weights = ClassWeights::kNone;
  std::optional<int> members;  // empty: fewer the more there is to learn from
  bool calendar = true;        // choose calendar inputs, if there are times
  int utc_offset_minutes = 0;
  std::string time_zone;  // IANA name; empty: the offset
};

struct ClassifyPlan {
  ModelSpec spec;
  std::vector<std::string> vocabulary;  // from the training part
  // That which validates best is taken; one: there is no choice.
  std::vector<Pooling> poolings = {Pooling::kLast};
  Augmentation augmentation;
  int holdouts = 1;  // networks that search for how long to train
  int members = 1;   // networks that are merged into the model
  int window = 100;  // steps of a piece of a stream
  // Per class what its examples count in the loss, 1 on average; empty: 1.
  std::vector<double> class_weights;
  std::vector<std::string> reasons;  // what was chosen and why, a line each
};

// Numeric inputs are scaled by mean and deviation of the training part. With
// times, the day's phase is an input for steps finer than 12 hours where the
// examples span 30 days, and the year's where they span two years: of fewer
// days a network learns by heart which was which. INVALID_ARGUMENT for settings
// out of range, a sigmoid head without exactly two labels, labels per step read
// in both directions, and training texts without a word.
absl::StatusOr<ClassifyPlan> PlanClassifier(const ClassifyData& data,
                                            const ClassifySettings& settings);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_PLAN_H_
