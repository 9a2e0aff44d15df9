// What a model says about examples, computed as a server does it.
#ifndef RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_ANSWERS_H_
#define RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_ANSWERS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/servable/servable.h"
#include "model/spec/answer.h"
#include "model/train/classify/classify_examples.h"

namespace recur {

// The answers of the served model for the chosen examples, one for each of
// their labelled steps, in order. A network that steps is stepped through each
// example from its first observation to its last, however long it is.
absl::StatusOr<std::vector<Classification>> ClassifyExamples(
    const Servable& model, const std::vector<ClassifyExample>& examples,
    absl::Span<const int> chosen);

// The classes that ClassifyExamples' answers should have called.
std::vector<int> TruthOf(const std::vector<ClassifyExample>& examples,
                         absl::Span<const int> chosen);

// The most probable class, and that of every answer.
int TopClass(const Classification& answer);
std::vector<int> TopClasses(const std::vector<Classification>& answers);

// The mean of -log of the true class's probability, which is taken to be at
// least 1e-7.
double CrossEntropy(const std::vector<Classification>& answers,
                    absl::Span<const int> truth);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_ANSWERS_H_
