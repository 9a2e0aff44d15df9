// Engine and trainable network against what PyTorch answered in float64.
#include "tests/golden/golden.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "model/network/onednn/onednn_engine.h"
#include "model/network/onednn/onednn_trainable_network.h"
#include "tests/unit/model/network/step_comparison.h"

namespace recur {
namespace {

class GoldenTest : public testing::Test {
 protected:
  void SetUp() override {
    auto networks = ReadGoldenNetworks();
    ASSERT_TRUE(networks.ok()) << networks.status();
    ASSERT_FALSE(networks->empty());
    networks_ = *std::move(networks);
  }

  std::vector<GoldenNetwork> networks_;
};

void ExpectSequencesAgree(const GoldenNetwork& golden, Workspace* workspace) {
  std::vector<std::vector<float>> outputs;
  std::vector<SequenceRow> rows;
  for (const GoldenSequence& sequence : golden.sequences) {
    outputs.emplace_back(OutputSize(golden.spec));
    rows.push_back({sequence.steps, sequence.inputs.data(),
                    sequence.tokens.data(), outputs.back().data(),
                    sequence.future.data()});
  }
  ASSERT_TRUE(workspace->RunSequences(rows).ok());
  for (size_t i = 0; i < rows.size(); ++i) {
    ExpectNear(outputs[i].data(), golden.sequences[i].outputs[0]);
  }
}

TEST_F(GoldenTest, TheEngineAgreesWithPytorchAfterEveryStep) {
  for (const GoldenNetwork& golden : networks_) {
    SCOPED_TRACE(golden.name);
    auto engine = CreateOnednnEngine(golden.spec, golden.weights);
    ASSERT_TRUE(engine.ok()) << engine.status();
    auto workspace = (*engine)->CreateWorkspace(8);
    ASSERT_TRUE(workspace.ok()) << workspace.status();
    if (golden.spec.bidirectional) {
      ExpectSequencesAgree(golden, workspace->get());
    } else {
      ExpectStepsAgree(golden, workspace->get());
    }
  }
}

// All sequences of a network as one batch with a point at every answer.
SequenceBatch BatchOf(const GoldenNetwork& golden) {
  const NetworkSpec& spec = golden.spec;
  SequenceBatch batch;
  batch.rows = static_cast<int>(golden.sequences.size());
  for (const GoldenSequence& sequence : golden.sequences) {
    batch.lengths.push_back(sequence.steps);
    batch.steps = std::max(batch.steps, sequence.steps);
  }
  const int width = spec.vocabulary_size > 0 ? 0 : spec.input_size;
  batch.inputs.assign(batch.steps * batch.rows * width, 0.0f);
  batch.tokens.assign(width == 0 ? batch.steps * batch.rows : 0, 0);
  for (int row = 0; row < batch.rows; ++row) {
    const GoldenSequence& sequence = golden.sequences[row];
    for (int step = 0; step < sequence.steps; ++step) {
      const int cell = step * batch.rows + row;
      if (width == 0) batch.tokens[cell] = sequence.tokens[step];
      std::copy_n(sequence.inputs.data() + step * width, width,
                  batch.inputs.data() + cell * width);
    }
    for (size_t step = 0; step < sequence.sums.size(); ++step) {
      batch.points.push_back({static_cast<int>(step), row});
      batch.future.insert(batch.future.end(), sequence.future.begin(),
                          sequence.future.end());
    }
  }
  return batch;
}

TEST_F(GoldenTest, TheTrainableNetworkAgreesWithPytorch) {
  for (const GoldenNetwork& golden : networks_) {
    SCOPED_TRACE(golden.name);
    auto network = CreateOnednnTrainableNetwork(golden.spec, golden.weights);
    ASSERT_TRUE(network.ok()) << network.status();
    std::vector<float> outputs;
    ASSERT_TRUE((*network)->Forward(BatchOf(golden), {}, &outputs).ok());
    size_t begin = 0;
    for (const GoldenSequence& sequence : golden.sequences) {
      for (const std::vector<double>& sums : sequence.sums) {
        ASSERT_LE(begin + sums.size(), outputs.size());
        ExpectNear(outputs.data() + begin, sums);
        begin += sums.size();
      }
    }
    EXPECT_EQ(begin, outputs.size());
  }
}

}  // namespace
}  // namespace recur
