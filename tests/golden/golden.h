// Reads what PyTorch answered on small networks: tests/golden/networks/*.json,
// made by make_goldens.py, which says what is in a file.
#ifndef RECUR_TESTS_GOLDEN_GOLDEN_H_
#define RECUR_TESTS_GOLDEN_GOLDEN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/spec/network_spec.h"
#include "model/spec/tensor.h"

namespace recur {

// What was asked, and what was answered after every step; a bidirectional
// network has one answer, to the whole sequence, and no states.
struct GoldenSequence {
  int steps = 0;
  std::vector<float> inputs;                 // [steps, input_size]
  std::vector<int32_t> tokens;               // [steps] instead
  std::vector<float> future;                 // [horizon, future_size]
  std::vector<std::vector<double>> states;   // [steps][HiddenStateSize]
  std::vector<std::vector<double>> sums;     // before the last nonlinearity
  std::vector<std::vector<double>> outputs;  // [steps or 1][OutputSize]
};

struct GoldenNetwork {
  std::string name;  // of the file, without ".json"
  NetworkSpec spec;
  Weights weights;
  std::vector<GoldenSequence> sequences;
};

// All of them, by name. An error names the file.
absl::StatusOr<std::vector<GoldenNetwork>> ReadGoldenNetworks();

}  // namespace recur

#endif  // RECUR_TESTS_GOLDEN_GOLDEN_H_
