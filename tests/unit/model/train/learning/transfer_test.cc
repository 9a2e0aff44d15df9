#include "model/train/learning/transfer.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/train/learning/initial_weights.h"
#include "model/train/learning/merge_members.h"

namespace recur {
namespace {

using ::testing::FloatNear;
using ::testing::Pointwise;

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

// What training begins with where both weights are known.
std::vector<float> Mixed(const std::vector<float>& theirs,
                         const std::vector<float>& own) {
  std::vector<float> mixed;
  for (size_t i = 0; i < own.size(); ++i) {
    mixed.push_back(0.7f * theirs[i] + 0.3f * own[i]);
  }
  return mixed;
}

void ExpectMixed(const Tensor& weights, const Tensor& theirs,
                 const Tensor& own) {
  EXPECT_EQ(weights.dims, own.dims);
  EXPECT_THAT(weights.values,
              Pointwise(FloatNear(1e-6f), Mixed(theirs.values, own.values)));
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
  const auto transfer = ReuseWeights(from, {network, vocabulary}, &weights);
  ASSERT_TRUE(transfer.ok()) << transfer.status();
  EXPECT_EQ(transfer->tensors, 6);
  EXPECT_EQ(transfer->left, 0);
  EXPECT_EQ(transfer->tokens, 2);
  for (const auto& [name, tensor] : from.weights) {
    if (name.starts_with("layers.")) {
      ExpectMixed(weights.at(name), tensor, initial.at(name));
    }
  }
  EXPECT_EQ(weights.at("head.weight"), initial.at("head.weight"));
  const auto expect_mixed = [&](int row, int theirs) {
    EXPECT_THAT(Row(weights, row),
                Pointwise(FloatNear(1e-6f),
                          Mixed(Row(from.weights, theirs), Row(initial, row))));
  };
  expect_mixed(0, 0);
  expect_mixed(1, 3);
  EXPECT_EQ(Row(weights, 2), Row(initial, 2));
  expect_mixed(3, 1);
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
  const auto transfer = ReuseWeights(from, {network, {}}, &weights);
  ASSERT_TRUE(transfer.ok()) << transfer.status();
  EXPECT_EQ(transfer->tensors, 5);
  EXPECT_EQ(transfer->left, 1);
  EXPECT_EQ(weights.at("layers.0.forward.weight_input"),
            initial.at("layers.0.forward.weight_input"));
  ExpectMixed(weights.at("layers.0.forward.weight_hidden"),
              from.weights.at("layers.0.forward.weight_hidden"),
              initial.at("layers.0.forward.weight_hidden"));
}

TEST(TransferTest, MembersBeginFromThoseOfAMergedModel) {
  const NetworkSpec one = TextNetwork(2, 2);
  Model merged = Trained(one, {"a", "b"});
  std::vector<Weights> members;
  for (int seed = 0; seed < 3; ++seed) {
    members.push_back(InitialWeights(one, {}, seed));
  }
  merged.spec.network = MergedSpec(one, 3);
  merged.weights = MergeMembers(one, members);
  for (int member = 0; member < 5; ++member) {
    const Weights initial = InitialWeights(one, {}, 99);
    Weights weights = initial;
    const auto transfer =
        ReuseWeights(merged, {one, merged.vocabulary, member}, &weights);
    ASSERT_TRUE(transfer.ok()) << transfer.status();
    for (const auto& [name, tensor] : members[member % 3]) {
      if (name.starts_with("head.")) continue;
      ExpectMixed(weights.at(name), tensor, initial.at(name));
    }
  }
}

TEST(TransferTest, ANetworkThatReadsFewerInputsTakesTheWeightsOfThose) {
  NetworkSpec network = TextNetwork(0, 2);
  network.vocabulary_size = 0;
  network.embedding_size = 0;
  network.input_size = 4;
  const Model from = Trained(network);
  network.input_size = 2;
  const Weights initial = InitialWeights(network, {}, 2);
  Weights weights = initial;
  const auto transfer = ReuseWeights(from, {network, {}, 0, {3, 1}}, &weights);
  ASSERT_TRUE(transfer.ok()) << transfer.status();
  EXPECT_EQ(transfer->left, 0);
  const Tensor& all = from.weights.at("layers.0.forward.weight_input");
  const Tensor& own = weights.at("layers.0.forward.weight_input");
  const auto row = static_cast<int64_t>(all.values.size()) / 4;
  const auto first = all.values.begin();
  Tensor chosen{own.dims, {first + 3 * row, first + 4 * row}};
  chosen.values.insert(chosen.values.end(), first + row, first + 2 * row);
  ExpectMixed(own, chosen, initial.at("layers.0.forward.weight_input"));
}

TEST(TransferTest, NamesWhatDiffers) {
  const Model from = Trained(TextNetwork(3, 2), {"a", "b", "c"});
  NetworkSpec network = TextNetwork(3, 2);
  network.hidden_size = 8;
  Weights weights = InitialWeights(network, {}, 2);
  EXPECT_EQ(ReuseWeights(from, {network, from.vocabulary}, &weights)
                .status()
                .message(),
            "the model to begin from has hidden size 5; this training has 8");
  network = TextNetwork(3, 2);
  network.cell.kind = CellKind::kGru;
  weights = InitialWeights(network, {}, 2);
  EXPECT_EQ(ReuseWeights(from, {network, from.vocabulary}, &weights)
                .status()
                .message(),
            "the model to begin from has cell lstm; this training has gru");
}

}  // namespace
}  // namespace recur
