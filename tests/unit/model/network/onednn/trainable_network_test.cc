#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/network/onednn/onednn_trainable_network.h"
#include "model/network/random_weights.h"
#include "tests/unit/model/network/sample_networks.h"

namespace recur {
namespace {

using testing::HasSubstr;

struct Result {
  std::vector<float> outputs;
  Weights gradients;

  friend bool operator==(const Result&, const Result&) = default;
};

// The loss is the sum of the outputs, each weighted by a fixed number.
std::vector<float> OutputGradients(size_t count) {
  return RandomValues(static_cast<int64_t>(count), 31, 1.0f);
}

Result Pass(TrainableNetwork* network, const SequenceBatch& batch,
            const Dropout& dropout = {}) {
  Result result;
  const absl::Status forward =
      network->Forward(batch, dropout, &result.outputs);
  EXPECT_TRUE(forward.ok()) << forward;
  const absl::Status backward = network->Backward(
      OutputGradients(result.outputs.size()), &result.gradients);
  EXPECT_TRUE(backward.ok()) << backward;
  return result;
}

std::unique_ptr<TrainableNetwork> Make(const NetworkSpec& spec,
                                       const Weights& weights) {
  auto network = CreateOnednnTrainableNetwork(spec, weights);
  EXPECT_TRUE(network.ok()) << network.status();
  return *std::move(network);
}

// A bidirectional stack has every path that padding or a mask could take.
NetworkSpec Bidirectional(const Cell& cell) {
  NetworkSpec spec = ForecasterSpec(cell, 2, 6);
  spec.bidirectional = true;
  return spec;
}

void SetPadding(const NetworkSpec& spec, float value, SequenceBatch* batch) {
  for (size_t i = 0; i < batch->inputs.size(); ++i) {
    const int cell = static_cast<int>(i) / spec.input_size;
    const int row = cell % batch->rows;
    if (cell / batch->rows >= batch->lengths[row]) batch->inputs[i] = value;
  }
}

TEST(TrainableNetworkTest, PaddingChangesNoBit) {
  for (const Cell& cell : AllCells()) {
    for (const NetworkSpec& spec :
         {Bidirectional(cell), ForecasterSpec(cell, 2, 6)}) {
      SCOPED_TRACE(SpecName(spec));
      const auto network = Make(spec, RandomWeights(spec, 11, 0.5f));
      SequenceBatch batch = SampleBatch(spec, 9, 5, 21);
      SetPadding(spec, 0.0f, &batch);
      const Result clean = Pass(network.get(), batch);
      SetPadding(spec, -1e30f, &batch);
      EXPECT_EQ(Pass(network.get(), batch), clean);
    }
  }
}

TEST(TrainableNetworkTest, ShortRowHasTheGradientThatItHasAlone) {
  const NetworkSpec spec = Bidirectional(Cell{CellKind::kLstm});
  const Weights weights = RandomWeights(spec, 11, 0.5f);
  const auto network = Make(spec, weights);
  SequenceBatch padded = SampleBatch(spec, 3, 1, 21);
  const Result alone = Pass(network.get(), padded);
  padded.steps = 8;
  padded.inputs.resize(8 * spec.input_size, 7.0f);
  const Result with_padding = Pass(network.get(), padded);
  for (const auto& [name, gradient] : alone.gradients) {
    const Tensor& other = with_padding.gradients.at(name);
    for (size_t i = 0; i < gradient.values.size(); ++i) {
      EXPECT_NEAR(gradient.values[i], other.values[i], 1e-5) << name;
    }
  }
}

TEST(TrainableNetworkTest, GradientsDoNotAccumulateFromCallToCall) {
  const NetworkSpec spec = Bidirectional(Cell{CellKind::kGru});
  const auto network = Make(spec, RandomWeights(spec, 11, 0.5f));
  const SequenceBatch batch = SampleBatch(spec, 6, 4, 21);
  const Result first = Pass(network.get(), batch);
  EXPECT_EQ(Pass(network.get(), batch), first);
}

TEST(TrainableNetworkTest, SetWeightsReachesEveryPass) {
  const NetworkSpec spec = Bidirectional(Cell{CellKind::kLstm});
  const Weights before = RandomWeights(spec, 11, 0.5f);
  const Weights after = RandomWeights(spec, 12, 0.5f);
  const SequenceBatch batch = SampleBatch(spec, 6, 4, 21);
  const auto network = Make(spec, before);
  const Result first = Pass(network.get(), batch);
  ASSERT_TRUE(network->SetWeights(after).ok());
  const Result second = Pass(network.get(), batch);
  EXPECT_EQ(second, Pass(Make(spec, after).get(), batch));
  EXPECT_FALSE(second == first);
}

TEST(TrainableNetworkTest, ManyShapesInTurnKeepTheirAnswers) {
  const NetworkSpec spec = ForecasterSpec(Cell{CellKind::kLstm}, 2, 6);
  const Weights weights = RandomWeights(spec, 11, 0.5f);
  const auto network = Make(spec, weights);
  for (int round = 0; round < 2; ++round) {
    for (int steps = 1; steps < 8; ++steps) {
      const SequenceBatch batch = SampleBatch(spec, steps, 1 + steps % 3, 21);
      EXPECT_EQ(Pass(network.get(), batch),
                Pass(Make(spec, weights).get(), batch));
    }
  }
}

TEST(TrainableNetworkTest, DropoutOfRateZeroIsNoDropout) {
  const NetworkSpec spec = Bidirectional(Cell{CellKind::kLstm});
  const auto network = Make(spec, RandomWeights(spec, 11, 0.5f));
  const SequenceBatch batch = SampleBatch(spec, 6, 4, 21);
  EXPECT_EQ(Pass(network.get(), batch, {0.0f, 99}), Pass(network.get(), batch));
}

TEST(TrainableNetworkTest, DropoutFollowsFromItsSeed) {
  const NetworkSpec spec = Bidirectional(Cell{CellKind::kLstm});
  const Weights weights = RandomWeights(spec, 11, 0.5f);
  const auto network = Make(spec, weights);
  const SequenceBatch batch = SampleBatch(spec, 6, 4, 21);
  const Result first = Pass(network.get(), batch, {0.5f, 1});
  EXPECT_FALSE(Pass(network.get(), batch, {0.5f, 2}) == first);
  EXPECT_FALSE(Pass(network.get(), batch) == first);
  EXPECT_EQ(Pass(Make(spec, weights).get(), batch, {0.5f, 1}), first);
}

TEST(TrainableNetworkTest, OneLayerClassifierDropsOnlyTheHeadsInput) {
  const NetworkSpec spec = ClassifierSpec(Cell{CellKind::kLstm}, 1, 64);
  const auto network = Make(spec, RandomWeights(spec, 11, 0.5f));
  const SequenceBatch batch = SampleBatch(spec, 6, 1, 21);
  const Result result = Pass(network.get(), batch, {0.5f, 1});
  int untouched = 0;  // rows of the weight by inputs that were dropped
  const Tensor& gradient = result.gradients.at("head.weight");
  for (int i = 0; i < 64; ++i) {
    if (gradient.values[i * 4] == 0.0f) ++untouched;
  }
  // Two points see 64 inputs each; both drop one in a quarter of the cases.
  EXPECT_GT(untouched, 4);
  EXPECT_LT(untouched, 32);
}

// Along the gradient the loss must rise by the gradient's squared length; the
// masks are the same on both sides.
TEST(TrainableNetworkTest, GradientWithDropoutIsThatOfTheMaskedNetwork) {
  for (const Cell& cell : AllCells()) {
    const NetworkSpec spec = WithEmbedding(Bidirectional(cell));
    SCOPED_TRACE(SpecName(spec));
    const Weights weights = RandomWeights(spec, 11, 0.5f);
    const auto network = Make(spec, weights);
    const SequenceBatch batch = SampleBatch(spec, 6, 4, 21);
    const Dropout dropout = {0.4f, 5};
    const Result result = Pass(network.get(), batch, dropout);
    double length = 0.0;
    for (const auto& [name, gradient] : result.gradients) {
      for (float value : gradient.values) length += double{value} * value;
    }
    const auto loss_at = [&](double distance) {
      Weights moved = weights;
      for (auto& [name, tensor] : moved) {
        const Tensor& gradient = result.gradients.at(name);
        for (size_t i = 0; i < tensor.values.size(); ++i) {
          tensor.values[i] += static_cast<float>(distance / std::sqrt(length)) *
                              gradient.values[i];
        }
      }
      EXPECT_TRUE(network->SetWeights(moved).ok());
      std::vector<float> outputs;
      EXPECT_TRUE(network->Forward(batch, dropout, &outputs).ok());
      const auto weighted = OutputGradients(outputs.size());
      double loss = 0.0;
      for (size_t i = 0; i < outputs.size(); ++i) {
        loss += double{outputs[i]} * weighted[i];
      }
      return loss;
    };
    const double rise = (loss_at(2e-3) - loss_at(-2e-3)) / 4e-3;
    EXPECT_NEAR(rise, std::sqrt(length), 5e-3 * std::sqrt(length));
  }
}

TEST(TrainableNetworkTest, RefusesWhatDoesNotFit) {
  const NetworkSpec spec = ForecasterSpec(Cell{}, 1, 6);
  Weights weights = RandomWeights(spec, 11, 0.5f);
  const auto network = Make(spec, weights);
  std::vector<float> outputs;
  Weights gradients;
  EXPECT_EQ(network->Backward({}, &gradients).code(),
            absl::StatusCode::kFailedPrecondition);

  SequenceBatch batch = SampleBatch(spec, 6, 4, 21);
  ASSERT_TRUE(network->Forward(batch, {}, &outputs).ok());
  outputs.pop_back();
  EXPECT_EQ(network->Backward(outputs, &gradients).message(),
            "143 gradients of outputs given; 8 points need 144");

  batch.lengths[1] = 7;
  EXPECT_EQ(network->Forward(batch, {}, &outputs).code(),
            absl::StatusCode::kInvalidArgument);

  weights.erase("decoder.weight_skip");
  EXPECT_THAT(std::string(network->SetWeights(weights).message()),
              HasSubstr("decoder.weight_skip"));
  EXPECT_EQ(CreateOnednnTrainableNetwork(spec, weights).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace recur
