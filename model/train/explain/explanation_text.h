// An explanation for people and for programs.
#ifndef RECUR_MODEL_TRAIN_EXPLAIN_EXPLANATION_TEXT_H_
#define RECUR_MODEL_TRAIN_EXPLAIN_EXPLANATION_TEXT_H_

#include <optional>
#include <string>

#include "model/spec/model_spec.h"
#include "model/train/explain/explain_data.h"
#include "model/train/explain/explainer.h"
#include "model/train/explain/removal_check.h"

namespace recur {

// What was asked of a model, and what came of it.
struct ExplainedAnswer {
  std::string model;  // its directory
  std::string data;   // the file
  ExplainedRow asked;
  Explanation explanation;
  std::optional<RemovalCheck> check;
};

// The answer, the columns by influence, and the single values (of text all
// tokens) with the largest influences.
std::string ExplanationText(const ModelSpec& spec,
                            const ExplainedAnswer& answer);

// With the influence of every value.
std::string ExplanationJson(const ModelSpec& spec,
                            const ExplainedAnswer& answer);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_EXPLAIN_EXPLANATION_TEXT_H_
