// A model's packed weights, ready to step sequences.
//
// An Engine is immutable and shared by all threads. It knows no sessions:
// state is handed in and handed back. Who steps makes one Workspace per engine
// and keeps it; the workspace holds whatever it takes to run (primitives,
// scratch), so that nothing is created while stepping.
//
//   auto engine = CreateServingEngine(spec, weights);
//   auto workspace = (*engine)->CreateWorkspace(64);       // per lane
//   std::vector<StepRow> rows = {{input, 0, state}, ...};
//   (*workspace)->Step(rows);                              // in place
//   (*workspace)->RunHead(head_rows);
//
// Row i of any call depends on row i alone. Whether it has the same bits in
// any batch is what SameBitsInAnyBatch() tells.
#ifndef RECUR_MODEL_NETWORK_ENGINE_H_
#define RECUR_MODEL_NETWORK_ENGINE_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/spec/network_spec.h"

namespace recur {

// One sequence advanced by one observation.
struct StepRow {
  const float* input;  // [input_size]; null with an embedding
  int32_t token;       // with an embedding: in [0, vocabulary_size)
  float* state;        // [HiddenStateSize], read and overwritten
};

// One answer from one state, which is only read.
struct HeadRow {
  const float* state;   // [HiddenStateSize]
  const float* future;  // kForecast: [horizon, future_size]; else null
  float* output;        // [OutputSize], overwritten
};

// One whole sequence of a bidirectional network.
struct SequenceRow {
  int steps;                      // > 0
  const float* inputs;            // [steps, input_size]; null with an embedding
  const int32_t* tokens;          // [steps] with an embedding; else null
  float* output;                  // [OutputSize], overwritten
  const float* future = nullptr;  // kForecast: [horizon, future_size]
};

// Used by one thread at a time. The calls allocate nothing once the largest
// shapes have been seen (but RunSequences for long sequences), and fail only on
// a bug: the status is INTERNAL.
class Workspace {
 public:
  virtual ~Workspace() = default;

  // Advances every row. Needs a network that is not bidirectional. Rows may
  // be any number; no two may share a state.
  virtual absl::Status Step(absl::Span<const StepRow> rows) = 0;

  // Runs the head on every row's state. Softmax and sigmoid outputs are
  // probabilities. Needs a network that is not bidirectional.
  virtual absl::Status RunHead(absl::Span<const HeadRow> rows) = 0;

  // Runs layers and head over whole sequences of different lengths, without
  // padding changing an answer. Needs a bidirectional network.
  virtual absl::Status RunSequences(absl::Span<const SequenceRow> rows) = 0;
};

class Engine {
 public:
  virtual ~Engine() = default;

  virtual const NetworkSpec& spec() const = 0;

  // "native", "onednn" or "reference".
  virtual absl::string_view name() const = 0;

  // Everything that can change the bits of an answer besides the weights:
  // library version, instruction set, precision.
  virtual absl::string_view numerics() const = 0;

  // Bytes of packed weights.
  virtual int64_t bytes() const = 0;

  // Creates all that stepping batches of 1 to max_batch rows needs; larger
  // calls are cut into pieces of max_batch. Takes milliseconds: not for the
  // hot path. The workspace may move from thread to thread (with oneDNN, each
  // calls UseOneThreadPerCall first) and may not outlive the engine.
  virtual absl::StatusOr<std::unique_ptr<Workspace>> CreateWorkspace(
      int max_batch) const = 0;
};

// Whether each row of a batch of 1 to max_batch pseudo-random rows over
// several steps has the bits it has alone. Tries every batch size, so that it
// steps about 1.5 * max_batch^2 rows: milliseconds for a small network, seconds
// for one of tens of millions of weights.
absl::StatusOr<bool> SameBitsInAnyBatch(const Engine& engine, int max_batch);

// The largest absolute difference between what two engines of one network
// answer, in scaled units (probabilities for a class head): at every one of 64
// steps of 8 pseudo-random sequences, or, of a bidirectional network, after 8
// sequences of 57 to 64 steps. Infinite where one is finite and the other not.
// Symmetric. INVALID_ARGUMENT if the networks differ.
absl::StatusOr<double> LargestOutputDifference(const Engine& a,
                                               const Engine& b);

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_ENGINE_H_
