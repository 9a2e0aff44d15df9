// Gradients against central differences of the reference network in double.
#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "model/network/onednn/onednn_trainable_network.h"
#include "model/network/random_weights.h"
#include "model/network/reference/reference_network.h"
#include "tests/unit/model/network/sample_networks.h"

namespace recur {
namespace {

constexpr double kStep = 1e-5;
constexpr float kInputStep = 1e-3f;
constexpr double kTolerance = 1e-3;

// The loss is the sum of the outputs, each weighted.
double Loss(const ReferenceNetwork& network, const SequenceBatch& batch,
            const std::vector<float>& weights) {
  const auto outputs = network.Forward(batch);
  EXPECT_TRUE(outputs.ok()) << outputs.status();
  double loss = 0.0;
  for (size_t i = 0; i < weights.size(); ++i)
    loss += weights[i] * (*outputs)[i];
  return loss;
}

std::vector<double> CentralDifferences(ReferenceNetwork* network,
                                       const std::string& name,
                                       const SequenceBatch& batch,
                                       const std::vector<float>& weights) {
  std::vector<double> differences;
  for (double& weight : network->MutableWeight(name)) {
    const double kept = weight;
    weight = kept + kStep;
    const double above = Loss(*network, batch, weights);
    weight = kept - kStep;
    const double below = Loss(*network, batch, weights);
    weight = kept;
    differences.push_back((above - below) / (2 * kStep));
  }
  return differences;
}

void ExpectSameGradient(const std::string& name,
                        const std::vector<float>& actual,
                        const std::vector<double>& expected) {
  ASSERT_EQ(actual.size(), expected.size()) << name;
  double largest = 1e-4;
  for (double value : expected) largest = std::max(largest, std::abs(value));
  for (size_t i = 0; i < actual.size(); ++i) {
    ASSERT_NEAR(actual[i], expected[i], kTolerance * largest)
        << name << "[" << i << "]";
  }
}

// The same by what the network is given, which is in floats: a wider step, and
// the distance that was really moved.
std::vector<double> InputDifferences(const ReferenceNetwork& network,
                                     std::vector<float>* inputs,
                                     const SequenceBatch& batch,
                                     const std::vector<float>& weights) {
  std::vector<double> differences;
  for (float& input : *inputs) {
    const float kept = input;
    const float step = kInputStep * std::max(1.0f, std::abs(kept));
    const float high = kept + step;
    const float low = kept - step;
    input = high;
    const double above = Loss(network, batch, weights);
    input = low;
    const double below = Loss(network, batch, weights);
    input = kept;
    differences.push_back((above - below) / (double{high} - low));
  }
  return differences;
}

class GradientTest : public testing::TestWithParam<NetworkSpec> {};

TEST_P(GradientTest, EqualsCentralDifferencesOfTheReference) {
  const NetworkSpec& spec = GetParam();
  const Weights weights = RandomWeights(spec, 11, 0.6f);
  const SequenceBatch batch = SampleBatch(spec, 7, 3, 21);
  auto network = CreateOnednnTrainableNetwork(spec, weights);
  ASSERT_TRUE(network.ok()) << network.status();
  auto reference = ReferenceNetwork::Create(spec, weights);
  ASSERT_TRUE(reference.ok()) << reference.status();

  std::vector<float> outputs;
  ASSERT_TRUE((*network)->Forward(batch, {}, &outputs).ok());
  const std::vector<float> d_outputs = RandomValues(outputs.size(), 31, 1.0f);
  Weights gradients;
  ASSERT_TRUE((*network)->Backward(d_outputs, &gradients).ok());

  const std::vector<double> expected = *(*reference)->Forward(batch);
  ASSERT_EQ(outputs.size(), expected.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    EXPECT_NEAR(outputs[i], expected[i], 1e-5 * std::max(1.0, expected[i]));
  }
  ASSERT_EQ(gradients.size(), WeightShapes(spec).size());
  for (const TensorShape& shape : WeightShapes(spec)) {
    EXPECT_EQ(gradients[shape.name].dims, shape.dims);
    ExpectSameGradient(
        shape.name, gradients[shape.name].values,
        CentralDifferences(reference->get(), shape.name, batch, d_outputs));
  }
}

TEST_P(GradientTest, ByTheInputsEqualsCentralDifferencesToo) {
  const NetworkSpec& spec = GetParam();
  const Weights weights = RandomWeights(spec, 11, 0.6f);
  SequenceBatch batch = SampleBatch(spec, 7, 3, 21);
  auto network = CreateOnednnTrainableNetwork(spec, weights);
  ASSERT_TRUE(network.ok()) << network.status();
  auto reference = ReferenceNetwork::Create(spec, weights);
  ASSERT_TRUE(reference.ok()) << reference.status();

  std::vector<float> outputs;
  ASSERT_TRUE((*network)->Forward(batch, {}, &outputs).ok());
  const std::vector<float> d_outputs = RandomValues(outputs.size(), 31, 1.0f);
  InputGradients gradients;
  ASSERT_TRUE((*network)->BackwardToInputs(d_outputs, &gradients).ok());

  ExpectSameGradient(
      "future", gradients.future,
      InputDifferences(**reference, &batch.future, batch, d_outputs));
  if (spec.vocabulary_size > 0) return;  // the embedding's gradient is theirs
  ExpectSameGradient(
      "inputs", gradients.inputs,
      InputDifferences(**reference, &batch.inputs, batch, d_outputs));
}

std::vector<NetworkSpec> EveryNetwork() {
  std::vector<NetworkSpec> specs;
  for (const Cell& cell : AllCells()) {
    for (int layers : {1, 2}) {
      for (bool bidirectional : {false, true}) {
        specs.push_back(ForecasterSpec(cell, layers, 5));
        specs.back().bidirectional = bidirectional;
      }
    }
    specs.push_back(WithEmbedding(ClassifierSpec(cell, 1, 5)));
  }
  for (bool bidirectional : {false, true}) {
    NetworkSpec spec = ClassifierSpec(AllCells()[3], 2, 5);
    spec.bidirectional = bidirectional;
    specs.push_back(spec);
    for (Pooling pooling : {Pooling::kMean, Pooling::kMax}) {
      specs.push_back(WithPooling(spec, pooling));
    }
    spec = WithEmbedding(spec);
    spec.head = Head::kSigmoid;
    spec.classes = 1;
    specs.push_back(spec);
    spec = WithEmbedding(ForecasterSpec(AllCells()[4], 2, 5));
    spec.bidirectional = bidirectional;
    spec.future_size = 0;
    specs.push_back(spec);
  }
  return specs;
}

INSTANTIATE_TEST_SUITE_P(EveryNetwork, GradientTest,
                         testing::ValuesIn(EveryNetwork()),
                         [](const auto& info) {
                           return std::to_string(info.index) + "_" +
                                  SpecName(info.param);
                         });

}  // namespace
}  // namespace recur
