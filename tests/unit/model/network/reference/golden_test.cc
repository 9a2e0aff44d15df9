// The reference against what PyTorch answered in float64.
#include "tests/golden/golden.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "model/network/reference/reference_engine.h"
#include "model/network/reference/reference_network.h"

namespace recur {
namespace {

void ExpectNear(const std::vector<double>& expected,
                const std::vector<float>& actual, double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    ASSERT_NEAR(actual[i], expected[i],
                tolerance * std::max(1.0, std::abs(expected[i])))
        << "value " << i;
  }
}

class GoldenTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto networks = ReadGoldenNetworks();
    ASSERT_TRUE(networks.ok()) << networks.status();
    networks_ = *std::move(networks);
  }

  std::vector<GoldenNetwork> networks_;
};

TEST_F(GoldenTest, CoversEveryCellInOneToThreeLayersAndEveryHead) {
  std::set<std::string> seen;
  for (const GoldenNetwork& golden : networks_) {
    const NetworkSpec& spec = golden.spec;
    const std::string cell = CellName(spec.cell);
    seen.insert(spec.bidirectional ? cell + " bidirectional"
                                   : cell + " " + std::to_string(spec.layers));
    seen.insert(std::string(HeadName(spec.head)));
    if (spec.vocabulary_size > 0) seen.insert("embedding");
    if (spec.future_size > 0) seen.insert("future");
    seen.insert(absl::StrCat(PoolingName(spec.pooling),
                             spec.bidirectional ? " both ways" : ""));
  }
  // 6 cells in 1, 2 and 3 layers and bidirectional, 3 heads, 3 poolings in one
  // direction and in both, 2 others.
  EXPECT_EQ(seen.size(), 6u * 4 + 3 + 3 * 2 + 2);
}

void ExpectStepsAgree(const GoldenNetwork& golden, Workspace* workspace) {
  for (const GoldenSequence& sequence : golden.sequences) {
    SCOPED_TRACE(sequence.steps);
    std::vector<float> state(HiddenStateSize(golden.spec));
    std::vector<float> output(OutputSize(golden.spec));
    for (int step = 0; step < sequence.steps; ++step) {
      SCOPED_TRACE(step);
      StepRow row = {nullptr, 0, state.data()};
      if (golden.spec.vocabulary_size > 0) {
        row.token = sequence.tokens[step];
      } else {
        row.input = &sequence.inputs[step * golden.spec.input_size];
      }
      ASSERT_TRUE(workspace->Step({row}).ok());
      ASSERT_TRUE(
          workspace
              ->RunHead({{state.data(), sequence.future.data(), output.data()}})
              .ok());
      ExpectNear(sequence.states[step], state, 1e-6);
      ExpectNear(sequence.outputs[step], output, 1e-6);
    }
  }
}

void ExpectSequencesAgree(const GoldenNetwork& golden, Workspace* workspace) {
  for (const GoldenSequence& sequence : golden.sequences) {
    SCOPED_TRACE(sequence.steps);
    std::vector<float> output(OutputSize(golden.spec));
    ASSERT_TRUE(workspace
                    ->RunSequences({{sequence.steps, sequence.inputs.data(),
                                     sequence.tokens.data(), output.data(),
                                     sequence.future.data()}})
                    .ok());
    ExpectNear(sequence.outputs[0], output, 1e-6);
  }
}

TEST_F(GoldenTest, TheEngineAgreesWithPytorchAfterEveryStep) {
  for (const GoldenNetwork& golden : networks_) {
    SCOPED_TRACE(golden.name);
    auto engine = CreateReferenceEngine(golden.spec, golden.weights);
    ASSERT_TRUE(engine.ok()) << engine.status();
    auto workspace = (*engine)->CreateWorkspace(1);
    ASSERT_TRUE(workspace.ok());
    if (golden.spec.bidirectional) {
      ExpectSequencesAgree(golden, workspace->get());
    } else {
      ExpectStepsAgree(golden, workspace->get());
    }
  }
}

// All sequences of a golden network as one batch with a point at every step,
// padded with NaN.
SequenceBatch BatchOf(const GoldenNetwork& golden) {
  const NetworkSpec& spec = golden.spec;
  SequenceBatch batch;
  batch.rows = static_cast<int>(golden.sequences.size());
  for (const GoldenSequence& sequence : golden.sequences) {
    batch.lengths.push_back(sequence.steps);
    batch.steps = std::max(batch.steps, sequence.steps);
  }
  const int width = spec.vocabulary_size > 0 ? 0 : spec.input_size;
  batch.inputs.assign(batch.steps * batch.rows * width, NAN);
  batch.tokens.assign(width == 0 ? batch.steps * batch.rows : 0, -1);
  for (int row = 0; row < batch.rows; ++row) {
    const GoldenSequence& sequence = golden.sequences[row];
    for (int step = 0; step < sequence.steps; ++step) {
      const int cell = step * batch.rows + row;
      if (width == 0) batch.tokens[cell] = sequence.tokens[step];
      std::copy_n(sequence.inputs.begin() + step * width, width,
                  batch.inputs.begin() + cell * width);
    }
    for (size_t step = 0; step < sequence.sums.size(); ++step) {
      batch.points.push_back({static_cast<int>(step), row});
      batch.future.insert(batch.future.end(), sequence.future.begin(),
                          sequence.future.end());
    }
  }
  return batch;
}

TEST_F(GoldenTest, TheDoubleNetworkAgreesWithPytorchToNineDigits) {
  for (const GoldenNetwork& golden : networks_) {
    SCOPED_TRACE(golden.name);
    auto network = ReferenceNetwork::Create(golden.spec, golden.weights);
    ASSERT_TRUE(network.ok()) << network.status();
    const auto outputs = (*network)->Forward(BatchOf(golden));
    ASSERT_TRUE(outputs.ok()) << outputs.status();
    std::vector<double> expected;
    for (const GoldenSequence& sequence : golden.sequences) {
      for (const std::vector<double>& sums : sequence.sums) {
        expected.insert(expected.end(), sums.begin(), sums.end());
      }
    }
    ASSERT_EQ(outputs->size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i) {
      ASSERT_NEAR((*outputs)[i], expected[i],
                  1e-9 * std::max(1.0, std::abs(expected[i])));
    }
  }
}

}  // namespace
}  // namespace recur
