// A model's answer as one number, and that number's gradient by the network's
// outputs.
#ifndef RECUR_MODEL_TRAIN_EXPLAIN_EXPLAINED_ANSWER_H_
#define RECUR_MODEL_TRAIN_EXPLAIN_EXPLAINED_ANSWER_H_

#include <vector>

#include "absl/types/span.h"
#include "model/servable/servable.h"
#include "model/spec/sequence_state.h"
#include "model/train/explain/question.h"

namespace recur {

// The number of a forecast from a state and the outputs [horizon, targets,
// levels] of the network.
double ForecastNumber(const Servable& model, const Question& question,
                      const FeatureState& state,
                      absl::Span<const float> outputs);

// Of levels that cross, each counts for the place it is sorted to.
std::vector<float> ForecastGradient(const Servable& model,
                                    const Question& question,
                                    const FeatureState& state,
                                    absl::Span<const float> outputs);

// A label against the best of the others.
struct Margin {
  int label = 0;
  int against = -1;  // -1: of a sigmoid, which has one output for both
  double value = 0.0;
};

// From outputs before the softmax or sigmoid; label -1: the most probable.
Margin MarginOf(absl::Span<const float> logits, int label);

std::vector<float> MarginGradient(const Margin& margin, size_t logits);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_EXPLAIN_EXPLAINED_ANSWER_H_
