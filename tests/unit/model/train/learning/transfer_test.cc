#include "model/train/learning/transfer.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "model/train/learning/initial_weights.h"

namespace recur {
namespace {

NetworkSpec TextNetwork(int vocabulary, int classes) {
  NetworkSpec spec;
  spec.hidden_size = 5;
  spec.layers = 2;
  spec.vocabulary_size = vocabulary + 1;
  spec.embedding_size = 3;
  spec.classes = classes;
  return spec;
}

Model Trained(const NetworkSpec& network,
              std::vector<std::string> vocabulary = {}) {
  Model model;
  model.spec.network = network;
  model.weights = InitialWeights(network, {}, 1);
  model.vocabulary = std::move(vocabulary);
  return model;
}

std::vector<float> Row(const Weights& weights, int token) {
  const std::vector<float>& all = weights.at("embedding.weight").values;
  return {all.begin() + token * 3, all.begin() + token * 3 + 3};
}

TEST(TransferTest, TakesLayersAndKnownTokensAndLeavesTheHead) {
  const Model from = Trained(TextNetwork(3, 2), {"a", "b", "c"});
  const std::vector<std::string> vocabulary = {"c", "x", "a", "y"};
  const NetworkSpec network = TextNetwork(4, 6);
  const Weights initial = InitialWeights(network, {}, 2);
  Weights weights = initial;
  const auto transfer = ReuseWeights(from, network, vocabulary, &weights);
  ASSERT_TRUE(transfer.ok()) << transfer.status();
  EXPECT_EQ(transfer->Text(vocabulary),
            "6 tensors of the recurrent layers and 2 of 4 tokens");
  for (const auto& [name, tensor] : from.weights) {
    if (name.starts_with("layers.")) {
      EXPECT_EQ(weights.at(name), tensor) << name;
    }
  }
  EXPECT_EQ(weights.at("head.weight"), initial.at("head.weight"));
  EXPECT_EQ(Row(weights, 0), Row(from.weights, 0));
  EXPECT_EQ(Row(weights, 1), Row(from.weights, 3));
  EXPECT_EQ(Row(weights, 2), Row(initial, 2));
  EXPECT_EQ(Row(weights, 3), Row(from.weights, 1));
  EXPECT_EQ(Row(weights, 4), Row(initial, 4));
}

TEST(TransferTest, AnotherInputBeginsAnew) {
  NetworkSpec network = TextNetwork(0, 2);
  network.vocabulary_size = 0;
  network.embedding_size = 0;
  network.input_size = 4;
  const Model from = Trained(network);
  network.input_size = 7;
  const Weights initial = InitialWeights(network, {}, 2);
  Weights weights = initial;
  const auto transfer = ReuseWeights(from, network, {}, &weights);
  ASSERT_TRUE(transfer.ok()) << transfer.status();
  EXPECT_EQ(transfer->Text({}),
            "5 tensors of the recurrent layers (1 begin anew)");
  EXPECT_EQ(weights.at("layers.0.forward.weight_input"),
            initial.at("layers.0.forward.weight_input"));
  EXPECT_EQ(weights.at("layers.0.forward.weight_hidden"),
            from.weights.at("layers.0.forward.weight_hidden"));
}

TEST(TransferTest, NamesWhatDiffers) {
  const Model from = Trained(TextNetwork(3, 2), {"a", "b", "c"});
  NetworkSpec network = TextNetwork(3, 2);
  network.hidden_size = 8;
  Weights weights = InitialWeights(network, {}, 2);
  EXPECT_EQ(
      ReuseWeights(from, network, from.vocabulary, &weights).status().message(),
      "the model to begin from has hidden size 5; this training has 8");
  network = TextNetwork(3, 2);
  network.cell.kind = CellKind::kGru;
  weights = InitialWeights(network, {}, 2);
  EXPECT_EQ(
      ReuseWeights(from, network, from.vocabulary, &weights).status().message(),
      "the model to begin from has cell lstm; this training has gru");
}

}  // namespace
}  // namespace recur
