// Engines that step held against each other, and against PyTorch. For use in
// tests: what differs fails the test that calls.
#ifndef RECUR_TESTS_UNIT_MODEL_NETWORK_STEP_COMPARISON_H_
#define RECUR_TESTS_UNIT_MODEL_NETWORK_STEP_COMPARISON_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "model/network/engine.h"
#include "model/spec/network_spec.h"
#include "tests/golden/golden.h"

namespace recur {

// What engines promise: so far apart, times max(1, |expected|).
inline constexpr double kPromisedTolerance = 1e-5;

// Networks that step: every cell, 1 to 3 layers, every head, with and without
// an embedding.
std::vector<NetworkSpec> SteppingNetworks();

// Of an engine that must be there.
std::unique_ptr<Workspace> MakeWorkspace(
    const absl::StatusOr<std::shared_ptr<const Engine>>& engine, int max_batch);

// Steps `batch` rows of pseudo-random observations and answers every one of
// them after every step; states and answers must be close.
void ExpectEnginesAgree(Workspace* actual, Workspace* expected,
                        const NetworkSpec& spec, int batch, int steps,
                        double tolerance = kPromisedTolerance);

// All sequences of a network that steps, those that have not ended together.
void ExpectStepsAgree(const GoldenNetwork& golden, Workspace* workspace,
                      double tolerance = kPromisedTolerance);

// `actual` has as many values as `expected`.
void ExpectNear(const float* actual, const std::vector<double>& expected,
                double tolerance = kPromisedTolerance);

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_MODEL_NETWORK_STEP_COMPARISON_H_
