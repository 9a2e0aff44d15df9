#include "tests/unit/model/network/step_comparison.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "model/network/random_weights.h"
#include "tests/unit/model/network/sample_networks.h"

namespace recur {
namespace {

// Rows of one batch with their states and answers.
class Rows {
 public:
  Rows(const NetworkSpec& spec, int count)
      : spec_(spec),
        states_(count, std::vector<float>(HiddenStateSize(spec), 0.0f)),
        outputs_(count, std::vector<float>(OutputSize(spec))) {}

  // One step of pseudo-random observations, and an answer of every row.
  void Advance(Workspace* workspace, uint64_t seed) {
    const int count = static_cast<int>(states_.size());
    const auto inputs =
        RandomValues(int64_t{count} * spec_.input_size, seed, 2.0f);
    const auto future = RandomValues(
        int64_t{count} * spec_.horizon * spec_.future_size, seed, 1.0f);
    std::vector<StepRow> steps;
    std::vector<HeadRow> heads;
    for (int i = 0; i < count; ++i) {
      const int token = static_cast<int>(seed + i) % 6;
      steps.push_back(
          {inputs.data() + i * spec_.input_size, token, states_[i].data()});
      heads.push_back({states_[i].data(),
                       future.data() + i * spec_.horizon * spec_.future_size,
                       outputs_[i].data()});
    }
    ASSERT_TRUE(workspace->Step(steps).ok());
    ASSERT_TRUE(workspace->RunHead(heads).ok());
  }

  void ExpectNear(const Rows& expected, double tolerance) const {
    for (size_t i = 0; i < states_.size(); ++i) {
      ExpectClose(states_[i], expected.states_[i], tolerance, "state", i);
      ExpectClose(outputs_[i], expected.outputs_[i], tolerance, "output", i);
    }
  }

 private:
  static void ExpectClose(const std::vector<float>& actual,
                          const std::vector<float>& expected, double tolerance,
                          const char* what, size_t row) {
    for (size_t i = 0; i < actual.size(); ++i) {
      ASSERT_NEAR(actual[i], expected[i],
                  tolerance * std::max(1.0f, std::abs(expected[i])))
          << what << " " << i << " of row " << row;
    }
  }

  NetworkSpec spec_;
  std::vector<std::vector<float>> states_;
  std::vector<std::vector<float>> outputs_;
};

}  // namespace

std::vector<NetworkSpec> SteppingNetworks() {
  std::vector<NetworkSpec> specs;
  for (const Cell& cell : AllCells()) {
    for (int layers : {1, 2, 3}) {
      specs.push_back(ForecasterSpec(cell, layers, 9));
    }
    specs.push_back(ClassifierSpec(cell, 1, 48));
    specs.push_back(WithEmbedding(ClassifierSpec(cell, 2, 8)));
    specs.back().head = Head::kSigmoid;
    specs.back().classes = 1;
    for (Pooling pooling : {Pooling::kMean, Pooling::kMax}) {
      specs.push_back(WithPooling(ClassifierSpec(cell, 2, 19), pooling));
    }
  }
  specs.push_back(ForecasterSpec(Cell{}, 1, 16));
  specs.back().future_size = 0;
  for (int horizon : {1, 4, 5, 24, 25, 53}) {
    specs.push_back(ForecasterSpec(Cell{}, 1, 9));
    specs.back().horizon = horizon;
    specs.back().future_size = horizon % 8;
    specs.back().levels = 1 + horizon % 2;
    specs.back().decoder_size = 2 + horizon % 7;
  }
  return specs;
}

std::unique_ptr<Workspace> MakeWorkspace(
    const absl::StatusOr<std::shared_ptr<const Engine>>& engine,
    int max_batch) {
  EXPECT_TRUE(engine.ok()) << engine.status();
  auto workspace = (*engine)->CreateWorkspace(max_batch);
  EXPECT_TRUE(workspace.ok()) << workspace.status();
  return std::move(*workspace);
}

void ExpectEnginesAgree(Workspace* actual_workspace,
                        Workspace* expected_workspace, const NetworkSpec& spec,
                        int batch, int steps, double tolerance) {
  Rows actual(spec, batch);
  Rows expected(spec, batch);
  for (int step = 0; step < steps; ++step) {
    actual.Advance(actual_workspace, step);
    expected.Advance(expected_workspace, step);
    actual.ExpectNear(expected, tolerance);
    if (testing::Test::HasFatalFailure()) {
      FAIL() << "batch of " << batch << ", step " << step;
    }
  }
}

void ExpectNear(const float* actual, const std::vector<double>& expected,
                double tolerance) {
  for (size_t i = 0; i < expected.size(); ++i) {
    ASSERT_NEAR(actual[i], expected[i],
                tolerance * std::max(1.0, std::abs(expected[i])))
        << "value " << i;
  }
}

void ExpectStepsAgree(const GoldenNetwork& golden, Workspace* workspace,
                      double tolerance) {
  const NetworkSpec& spec = golden.spec;
  const size_t count = golden.sequences.size();
  std::vector<std::vector<float>> states(
      count, std::vector<float>(HiddenStateSize(spec)));
  std::vector<float> output(OutputSize(spec));
  for (int step = 0;; ++step) {
    SCOPED_TRACE(step);
    std::vector<StepRow> rows;
    for (size_t i = 0; i < count; ++i) {
      const GoldenSequence& sequence = golden.sequences[i];
      if (step >= sequence.steps) continue;
      StepRow row = {nullptr, 0, states[i].data()};
      if (spec.vocabulary_size > 0) row.token = sequence.tokens[step];
      if (spec.vocabulary_size == 0) {
        row.input = sequence.inputs.data() + step * spec.input_size;
      }
      rows.push_back(row);
    }
    if (rows.empty()) return;
    ASSERT_TRUE(workspace->Step(rows).ok());
    for (size_t i = 0; i < count; ++i) {
      const GoldenSequence& sequence = golden.sequences[i];
      if (step >= sequence.steps) continue;
      ExpectNear(states[i].data(), sequence.states[step], tolerance);
      const HeadRow head = {states[i].data(), sequence.future.data(),
                            output.data()};
      ASSERT_TRUE(workspace->RunHead({&head, 1}).ok());
      ExpectNear(output.data(), sequence.outputs[step], tolerance);
    }
  }
}

}  // namespace recur
