// Which inputs and steps moved an answer: gradient x input (Shrikumar et al.
// 2016, arXiv:1605.01713) against the question's baseline of a column, or the
// unknown token, as the input that says nothing.
//
// The influence of a value is the product of the answer's gradient by the
// network's inputs and of what those would lose if the value were the column's
// baseline, summed over every input that the features derive from it (its
// change, its seasons, what stands in for it later), plus what the answer
// itself is relative to. So it is in units of the answer, and close to how far
// the answer would move without the value. What the calendar says has an
// influence of its own.
//
//   auto explainer = Explainer::Create(model);
//   auto explanation = explainer->Explain(question);
//
// One thread at a time, which must have called UseOneThreadPerCall().
#ifndef RECUR_MODEL_TRAIN_EXPLAIN_EXPLAINER_H_
#define RECUR_MODEL_TRAIN_EXPLAIN_EXPLAINER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/network/trainable_network.h"
#include "model/servable/servable.h"
#include "model/spec/model_spec.h"
#include "model/train/explain/question.h"

namespace recur {

struct Explanation {
  // The model's, then "calendar" if it has one; of text alone "text".
  std::vector<std::string> columns;
  int steps = 0;                  // of the question
  std::vector<double> influence;  // [steps, columns]
  double answer = 0.0;
  int label = -1;              // of a class: which
  std::vector<float> outputs;  // of the network, before any softmax

  // Summed over the steps.
  std::vector<double> ByColumn() const;
};

class Explainer {
 public:
  // INVALID_ARGUMENT if the model is none that can be served.
  static absl::StatusOr<Explainer> Create(const Model& model);

  const Servable& servable() const { return servable_; }

  // Takes about steps^2 * columns / 2 observations through the features.
  // INVALID_ARGUMENT for an observation that the model does not take.
  absl::StatusOr<Explanation> Explain(const Question& question);

  // ByColumn() alone: steps * columns observations.
  absl::StatusOr<std::vector<double>> ExplainColumns(const Question& question);

  // The answer as a number.
  absl::StatusOr<double> Answer(const Question& question);

  // Makes a value say nothing. `column` counts the model's.
  void Remove(int step, int column, Question* question) const;

  // Names of the columns of an explanation, and how many of them are values
  // that can be removed: all but the calendar.
  std::vector<std::string> ColumnNames() const;
  int value_columns() const;

 private:
  struct Walk;
  struct Gradient;

  Explainer(Servable servable, Weights weights,
            std::unique_ptr<TrainableNetwork> network);

  absl::StatusOr<Walk> WalkFrom(const Question& question, int first,
                                const FeatureState& before) const;
  SequenceBatch BatchOf(const Question& question, const Walk& walk) const;
  absl::StatusOr<Gradient> Differentiate(const Question& question);

  // What the answer loses if from `first` on the features make `without` of the
  // question.
  double InfluenceOf(const Question& question, const Gradient& gradient,
                     int first, const Walk& without) const;
  double CalendarInfluence(const Gradient& gradient, int step) const;
  absl::Status ExplainCells(const Question& question, const Gradient& gradient,
                            Explanation* explanation) const;
  void ExplainTokens(const Question& question, const Gradient& gradient,
                     Explanation* explanation) const;

  Servable servable_;
  Weights weights_;
  std::unique_ptr<TrainableNetwork> network_;
};

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_EXPLAIN_EXPLAINER_H_
