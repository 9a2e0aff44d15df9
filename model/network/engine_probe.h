// Pseudo-random rows run through an engine, the same each time: to hold one
// engine against another, or against itself in other batches.
#ifndef RECUR_MODEL_NETWORK_ENGINE_PROBE_H_
#define RECUR_MODEL_NETWORK_ENGINE_PROBE_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "model/network/engine.h"
#include "model/spec/network_spec.h"

namespace recur {

class EngineProbe {
 public:
  // All that an engine says about one row, step after step. Of a whole
  // sequence that is one output.
  struct Trace {
    std::vector<float> states;
    std::vector<float> outputs;
  };

  // Observations of values in [-2, 2), or any tokens. Row i of a bidirectional
  // network is a sequence of steps - i % steps of them. `spec` must be valid
  // and outlive the probe; rows and steps must be above 0.
  EngineProbe(const NetworkSpec& spec, int rows, int steps);

  // Runs rows begin to end - 1 as one batch from states of zero. `workspace`
  // must be of an engine of the same spec.
  absl::StatusOr<std::vector<Trace>> Run(Workspace* workspace, int begin,
                                         int end) const;

 private:
  absl::Status RunSteps(Workspace* workspace, int begin,
                        std::vector<Trace>* traces) const;
  absl::Status RunWhole(Workspace* workspace, int begin,
                        std::vector<Trace>* traces) const;
  const float* Input(int row, int step) const;
  const float* Future(int row) const;

  const NetworkSpec& spec_;
  int steps_;
  std::vector<float> inputs_;    // [rows, steps, input_size]
  std::vector<int32_t> tokens_;  // [rows, steps]
  std::vector<float> future_;    // [rows, horizon, future_size]
};

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_ENGINE_PROBE_H_
