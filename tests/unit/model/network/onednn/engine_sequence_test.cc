// Whole sequences: bidirectional networks against the reference engine, and
// those that step against the trainable network's pass over all of time.
#include <malloc.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "model/network/onednn/onednn_engine.h"
#include "model/network/onednn/onednn_trainable_network.h"
#include "model/network/random_weights.h"
#include "model/network/reference/reference_engine.h"
#include "tests/unit/model/network/sample_networks.h"

namespace recur {
namespace {

using Outputs = std::vector<std::vector<float>>;

void ExpectNear(const std::vector<float>& actual,
                const std::vector<float>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) {
    ASSERT_NEAR(actual[i], expected[i],
                1e-5 * std::max(1.0f, std::abs(expected[i])))
        << "output " << i;
  }
}

// Sequences of these lengths, in one call of RunSequences or one call each.
class Sequences {
 public:
  Sequences(const NetworkSpec& spec, std::vector<int> lengths)
      : spec_(spec), lengths_(std::move(lengths)) {
    for (int length : lengths_) {
      const uint64_t seed = inputs_.size();
      inputs_.push_back(
          RandomValues(int64_t{length} * spec.input_size, seed, 2.0f));
      future_.push_back(RandomValues(int64_t{spec.horizon} * spec.future_size,
                                     seed + 50, 1.0f));
      tokens_.emplace_back();
      for (int i = 0; i < length; ++i) tokens_.back().push_back((i * i) % 6);
    }
  }

  Outputs Run(const Engine& engine, int max_batch, bool together) const {
    auto workspace = engine.CreateWorkspace(max_batch);
    EXPECT_TRUE(workspace.ok()) << workspace.status();
    Outputs outputs(lengths_.size(), std::vector<float>(OutputSize(spec_)));
    std::vector<SequenceRow> rows;
    for (size_t i = 0; i < lengths_.size(); ++i) {
      rows.push_back({lengths_[i], inputs_[i].data(), tokens_[i].data(),
                      outputs[i].data(), future_[i].data()});
    }
    if (together) {
      EXPECT_TRUE((*workspace)->RunSequences(rows).ok());
    }
    for (size_t i = 0; i < rows.size() && !together; ++i) {
      EXPECT_TRUE((*workspace)->RunSequences({&rows[i], 1}).ok());
    }
    return outputs;
  }

 private:
  NetworkSpec spec_;
  std::vector<int> lengths_;
  std::vector<std::vector<float>> inputs_;
  std::vector<std::vector<float>> future_;
  std::vector<std::vector<int32_t>> tokens_;
};

class BidirectionalTest : public testing::TestWithParam<NetworkSpec> {};

TEST_P(BidirectionalTest, MixedLengthsEqualTheReferenceAndThemselvesAlone) {
  const NetworkSpec& spec = GetParam();
  const Weights weights = RandomWeights(spec, 5, 0.3f);
  const auto onednn = CreateOnednnEngine(spec, weights);
  const auto reference = CreateReferenceEngine(spec, weights);
  ASSERT_TRUE(onednn.ok() && reference.ok());
  const Sequences sequences(spec, {3, 40, 1, 7, 7, 19, 2, 1, 33, 8, 12});
  const Outputs expected = sequences.Run(**reference, 16, true);
  const Outputs together = sequences.Run(**onednn, 16, true);
  const Outputs in_pieces = sequences.Run(**onednn, 4, true);
  const Outputs alone = sequences.Run(**onednn, 1, false);
  for (size_t i = 0; i < expected.size(); ++i) {
    SCOPED_TRACE(i);
    ExpectNear(together[i], expected[i]);
    ExpectNear(in_pieces[i], expected[i]);
    ExpectNear(alone[i], together[i]);
  }
}

std::vector<NetworkSpec> BidirectionalNetworks() {
  std::vector<NetworkSpec> specs;
  for (const Cell& cell : AllCells()) {
    for (int layers : {1, 2, 3}) {
      specs.push_back(ForecasterSpec(cell, layers, 9));
    }
    specs.push_back(WithEmbedding(ClassifierSpec(cell, 2, 9)));
    for (Pooling pooling : {Pooling::kMean, Pooling::kMax}) {
      specs.push_back(WithPooling(ClassifierSpec(cell, 2, 9), pooling));
    }
  }
  for (NetworkSpec& spec : specs) spec.bidirectional = true;
  return specs;
}

INSTANTIATE_TEST_SUITE_P(EveryNetwork, BidirectionalTest,
                         testing::ValuesIn(BidirectionalNetworks()),
                         [](const auto& info) { return SpecName(info.param); });

TEST(BidirectionalTest, KeepsNoMemoryOfALongSequence) {
  NetworkSpec spec = ClassifierSpec(Cell{}, 1, 8);
  spec.bidirectional = true;
  spec.input_size = 512;
  const auto engine = CreateOnednnEngine(spec, RandomWeights(spec, 5, 0.01f));
  ASSERT_TRUE(engine.ok()) << engine.status();
  auto workspace = (*engine)->CreateWorkspace(2);
  constexpr int kSteps = 16'384;
  const std::vector<float> inputs(size_t{kSteps} * spec.input_size);
  std::vector<float> output(OutputSize(spec));
  const auto in_use = [] {
    const struct mallinfo2 info = mallinfo2();
    return static_cast<int64_t>(info.uordblks + info.hblkhd);
  };
  const auto run = [&](int steps) {
    const SequenceRow row{steps, inputs.data(), nullptr, output.data()};
    ASSERT_TRUE((*workspace)->RunSequences({&row, 1}).ok());
  };
  run(1);
  const int64_t before = in_use();
  run(kSteps);
  EXPECT_LT(in_use() - before, int64_t{8} << 20) << "it needed 64 MiB";
}

TEST(BidirectionalTest, RefusesAnEmptySequence) {
  NetworkSpec spec = ClassifierSpec(Cell{}, 1, 8);
  spec.bidirectional = true;
  const auto engine = CreateOnednnEngine(spec, RandomWeights(spec, 5, 0.3f));
  ASSERT_TRUE(engine.ok()) << engine.status();
  auto workspace = (*engine)->CreateWorkspace(2);
  std::vector<float> output(4);
  const std::vector<SequenceRow> rows = {{0, nullptr, nullptr, output.data()}};
  EXPECT_EQ((*workspace)->RunSequences(rows).message(),
            "a sequence has 0 steps; it needs 1");
}

class WholeSequenceTest : public testing::TestWithParam<Cell> {};

// All steps' answers of a batch, one engine step after the other; [steps,
// rows, OutputSize].
std::vector<float> StepThrough(const Engine& engine,
                               const SequenceBatch& batch) {
  const NetworkSpec& spec = engine.spec();
  auto workspace = engine.CreateWorkspace(batch.rows);
  EXPECT_TRUE(workspace.ok()) << workspace.status();
  Outputs states(batch.rows, std::vector<float>(HiddenStateSize(spec)));
  std::vector<float> outputs(batch.points.size() * OutputSize(spec));
  for (int step = 0; step < batch.steps; ++step) {
    std::vector<StepRow> steps;
    std::vector<HeadRow> heads;
    for (int row = 0; row < batch.rows; ++row) {
      const int cell = step * batch.rows + row;
      steps.push_back({batch.inputs.data() + cell * spec.input_size, 0,
                       states[row].data()});
      heads.push_back(
          {states[row].data(),
           batch.future.data() + cell * spec.horizon * spec.future_size,
           outputs.data() + cell * OutputSize(spec)});
    }
    EXPECT_TRUE((*workspace)->Step(steps).ok());
    EXPECT_TRUE((*workspace)->RunHead(heads).ok());
  }
  return outputs;
}

TEST_P(WholeSequenceTest, EqualsItsSteps) {
  const NetworkSpec spec = ForecasterSpec(GetParam(), 3, 20);
  const Weights weights = RandomWeights(spec, 5, 0.3f);
  SequenceBatch batch;
  batch.steps = 100;
  batch.rows = 3;
  batch.lengths.assign(batch.rows, batch.steps);
  for (int step = 0; step < batch.steps; ++step) {
    for (int row = 0; row < batch.rows; ++row) {
      batch.points.push_back({step, row});
    }
  }
  batch.inputs = RandomValues(batch.points.size() * spec.input_size, 1, 2.0f);
  batch.future = RandomValues(
      batch.points.size() * spec.horizon * spec.future_size, 2, 1.0f);

  auto network = CreateOnednnTrainableNetwork(spec, weights);
  ASSERT_TRUE(network.ok()) << network.status();
  std::vector<float> whole;
  ASSERT_TRUE((*network)->Forward(batch, {}, &whole).ok());
  const auto engine = CreateOnednnEngine(spec, weights);
  ASSERT_TRUE(engine.ok()) << engine.status();
  ExpectNear(whole, StepThrough(**engine, batch));
}

INSTANTIATE_TEST_SUITE_P(EveryCell, WholeSequenceTest,
                         testing::ValuesIn(AllCells()), [](const auto& info) {
                           return SpecName(ClassifierSpec(info.param, 3, 20));
                         });

}  // namespace
}  // namespace recur
