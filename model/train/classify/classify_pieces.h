// What minibatches are drawn from: the training examples, of which those with a
// label at every step are cut into windows.
#ifndef RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_PIECES_H_
#define RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_PIECES_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "model/data/dataset.h"
#include "model/train/classify/classify_data.h"
#include "model/train/classify/classify_examples.h"

namespace recur {

struct ClassifyPieces {
  std::vector<ClassifyExample> examples;
  // Per piece the stretch of time that it is from; no two stretches have a
  // step in common. Empty without labels per step.
  std::vector<int> stretches;
};

// The training examples of the data; `examples` are all of them, encoded, with
// inputs of input_size. With a label per step each sequence is cut into
// stretches (about 20 of all steps), and each stretch into windows of at most
// `window` steps that overlap by half. A window begins with a zero state
// (truncated backpropagation through time).
ClassifyPieces MakePieces(const ClassifyData& data,
                          const std::vector<ClassifyExample>& examples,
                          int input_size, int window);

// Steps [begin, end) of an example with inputs of input_size, with their
// labels.
ClassifyExample CutExample(const ClassifyExample& example, int input_size,
                           int begin, int end);

// Parts of the pieces to train on and to validate with: each label in its
// share, or whole stretches of time, drawn by the seed. INVALID_ARGUMENT if
// there are too few. `validation` is in (0, 1).
absl::StatusOr<ExampleSplit> HoldBack(const ClassifyData& data,
                                      const ClassifyPieces& pieces,
                                      double validation, uint64_t seed);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_PIECES_H_
