// Runs a model's head on states and turns the outputs into answers.
#ifndef RECUR_SERVER_LANE_ANSWERER_H_
#define RECUR_SERVER_LANE_ANSWERER_H_

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "model/network/engine.h"
#include "model/servable/servable.h"
#include "model/spec/answer.h"
#include "model/spec/sequence_state.h"

namespace recur {

struct AnswerRequest {
  FeatureView features;
  const float* hidden;
  absl::Span<const double> known;  // known inputs of a forecast, or empty
};

// Keeps its scratch from call to call. One thread.
class Answerer {
 public:
  // One answer per request, in order; states are only read. INTERNAL on a
  // fault of the engine.
  absl::Status Answer(const Servable& model, Workspace* workspace,
                      absl::Span<const AnswerRequest> requests,
                      std::vector<std::shared_ptr<const recur::Answer>>* out);

 private:
  void FillRows(const Servable& model,
                absl::Span<const AnswerRequest> requests);

  std::vector<float> future_;
  std::vector<float> output_;
  std::vector<HeadRow> rows_;
};

// One answer from a head's output.
Answer ToAnswer(const Servable& model, FeatureView state,
                absl::Span<const float> output);

}  // namespace recur

#endif  // RECUR_SERVER_LANE_ANSWERER_H_
