#include "model/network/reference/reference_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "model/network/random_weights.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

NetworkSpec TwoClasses() {
  NetworkSpec spec;
  spec.cell.kind = CellKind::kGru;
  spec.input_size = 2;
  spec.hidden_size = 3;
  spec.layers = 2;
  spec.classes = 2;
  return spec;
}

// Rows of 4, 1 and 2 steps; what is beyond a row's length is NaN.
SequenceBatch ThreeRows() {
  SequenceBatch batch{4, 3, {4, 1, 2}};
  batch.inputs = RandomValues(4 * 3 * 2, 5, 1.0f);
  for (int row = 0; row < 3; ++row) {
    for (int step = batch.lengths[row]; step < 4; ++step) {
      batch.inputs[(step * 3 + row) * 2] = NAN;
      batch.inputs[(step * 3 + row) * 2 + 1] = NAN;
    }
  }
  return batch;
}

std::unique_ptr<ReferenceNetwork> Make(const NetworkSpec& spec) {
  return ReferenceNetwork::Create(spec, RandomWeights(spec, 2, 0.7f)).value();
}

// One row of ThreeRows alone, with one point.
std::vector<double> Alone(const ReferenceNetwork& network, HeadPoint point) {
  const SequenceBatch all = ThreeRows();
  const int length = all.lengths[point.row];
  SequenceBatch batch{length, 1, {length}};
  for (int step = 0; step < length; ++step) {
    const auto cell = all.inputs.begin() + (step * 3 + point.row) * 2;
    batch.inputs.insert(batch.inputs.end(), cell, cell + 2);
  }
  batch.points = {{point.step, 0}};
  return network.Forward(batch).value();
}

TEST(ReferenceNetworkTest, AnswersPointsInTheirOrderAsIfAlone) {
  for (bool bidirectional : {false, true}) {
    NetworkSpec spec = TwoClasses();
    spec.bidirectional = bidirectional;
    const auto network = Make(spec);
    SequenceBatch batch = ThreeRows();
    batch.points = {{1, 2}, {3, 0}, {0, 1}, {2, 0}, {1, 2}};
    const auto outputs = network->Forward(batch);
    ASSERT_TRUE(outputs.ok()) << outputs.status();
    ASSERT_THAT(*outputs, SizeIs(10));
    for (size_t i = 0; i < batch.points.size(); ++i) {
      EXPECT_THAT(Alone(*network, batch.points[i]),
                  ElementsAre((*outputs)[2 * i], (*outputs)[2 * i + 1]))
          << "point " << i;
    }
    EXPECT_NE((*outputs)[0], (*outputs)[2]);
  }
}

TEST(ReferenceNetworkTest, ABidirectionalNetworkIgnoresThePointsStep) {
  NetworkSpec spec = TwoClasses();
  spec.bidirectional = true;
  const auto network = Make(spec);
  EXPECT_EQ(Alone(*network, {0, 0}), Alone(*network, {99, 0}));
}

TEST(ReferenceNetworkTest, ChangedWeightsChangeTheNextAnswer) {
  const auto network = Make(TwoClasses());
  const std::vector<double> before = Alone(*network, {3, 0});
  network->MutableWeight("head.bias")[1] += 0.25;
  const std::vector<double> after = Alone(*network, {3, 0});
  EXPECT_EQ(after[0], before[0]);
  EXPECT_NEAR(after[1], before[1] + 0.25, 1e-12);
}

// A float would round the change away.
TEST(ReferenceNetworkTest, SeesChangesOfATrillionth) {
  const auto network = Make(TwoClasses());
  const double before = Alone(*network, {3, 0})[0];
  network->MutableWeight("head.bias")[0] += 1e-12;
  EXPECT_NEAR(Alone(*network, {3, 0})[0] - before, 1e-12, 1e-15);
}

TEST(ReferenceNetworkTest, KnowsNoWeightOfAnotherName) {
  const auto network = Make(TwoClasses());
  EXPECT_THAT(network->MutableWeight("head.bias"), SizeIs(2));
  EXPECT_THAT(network->MutableWeight("decoder.bias_output"), IsEmpty());
}

TEST(ReferenceNetworkTest, RefusesWrongWeightsAndBatches) {
  const NetworkSpec spec = TwoClasses();
  EXPECT_EQ(ReferenceNetwork::Create(spec, {}).status().message(),
            "weight \"layers.0.forward.weight_input\" is missing; the network "
            "needs it with shape [2, 3, 3]");
  SequenceBatch batch = ThreeRows();
  batch.points = {{2, 2}};
  EXPECT_EQ(Make(spec)->Forward(batch).status().message(),
            "a point of the batch has step 2 of row 2; it must be 0 to 1");
}

}  // namespace
}  // namespace recur
