// A model ready to answer: its spec, its features and its engine as one
// immutable value. Lanes serve from it, the repository loads it, and training
// evaluates with it, so that all three answer alike.
#ifndef RECUR_MODEL_SERVABLE_SERVABLE_H_
#define RECUR_MODEL_SERVABLE_SERVABLE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "model/features/features.h"
#include "model/features/tokenizer.h"
#include "model/network/engine.h"
#include "model/spec/model_spec.h"
#include "model/spec/precision.h"
#include "model/spec/sequence_state.h"

namespace recur {

struct Servable {
  std::string name;
  int64_t version = 0;
  ModelSpec spec;
  Features features;
  std::optional<Tokenizer> tokenizer;  // if spec.takes_text
  std::shared_ptr<const Engine> engine;
  std::string fingerprint;              // of spec and weights
  bool same_bits_in_any_batch = false;  // as checked when it was loaded

  Precision precision = Precision::kF32;  // what the engine computes in
  std::string precision_note;  // why it is not the one that was asked for
  // LargestOutputDifference, as measured when it was loaded; not of f32.
  std::optional<double> difference_to_f32;

  // Whether a session can be opened on it: it steps (is not bidirectional)
  // and takes numbers.
  bool Steps() const { return !spec.network.bidirectional && !spec.takes_text; }
};

// Puts features, tokenizer and engine together. INVALID_ARGUMENT if the
// features' widths do not agree with the network's, or the vocabulary has
// tokens that the embedding has not, naming both, or the features' weights are
// not theirs. name, version, fingerprint and what is checked or measured are
// the caller's to fill in.
absl::StatusOr<Servable> MakeServable(
    const ModelSpec& spec, const std::vector<std::string>& vocabulary,
    std::shared_ptr<const Engine> engine, const Weights& feature_weights = {});

// The state of a sequence that has seen nothing.
SequenceState InitialState(const Servable& model);

}  // namespace recur

#endif  // RECUR_MODEL_SERVABLE_SERVABLE_H_
