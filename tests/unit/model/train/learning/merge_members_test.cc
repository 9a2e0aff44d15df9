#include "model/train/learning/merge_members.h"

#include <vector>

#include "gtest/gtest.h"
#include "model/network/random_weights.h"
#include "model/network/reference/reference_network.h"

namespace recur {
namespace {

SequenceBatch Batch(const NetworkSpec& spec) {
  SequenceBatch batch;
  batch.steps = 6;
  batch.rows = 2;
  batch.lengths = {6, 4};
  batch.points = {{5, 0}, {3, 1}};
  if (spec.vocabulary_size > 0) {
    for (int i = 0; i < 12; ++i) batch.tokens.push_back(i * 5 % 7);
  } else {
    batch.inputs = RandomValues(12 * spec.input_size, 3, 1.0f);
  }
  return batch;
}

std::vector<double> Logits(const NetworkSpec& spec, const Weights& weights) {
  auto network = ReferenceNetwork::Create(spec, weights);
  EXPECT_TRUE(network.ok()) << network.status();
  return *(*network)->Forward(Batch(spec));
}

void ExpectMeanOfMembers(const NetworkSpec& spec) {
  constexpr int kMembers = 3;
  std::vector<Weights> members;
  std::vector<double> mean;
  for (int member = 0; member < kMembers; ++member) {
    members.push_back(RandomWeights(spec, 7 + member, 0.6f));
    const std::vector<double> own = Logits(spec, members.back());
    mean.resize(own.size());
    for (size_t i = 0; i < own.size(); ++i) mean[i] += own[i] / kMembers;
  }
  const std::vector<double> merged =
      Logits(MergedSpec(spec, kMembers), MergeMembers(spec, members));
  ASSERT_EQ(merged.size(), mean.size());
  for (size_t i = 0; i < mean.size(); ++i)
    EXPECT_NEAR(merged[i], mean[i], 1e-6);
}

TEST(MergeMembersTest, AnswersWithTheMeanOfTheMembers) {
  for (CellKind kind : {CellKind::kRnn, CellKind::kLstm, CellKind::kGru}) {
    for (bool bidirectional : {false, true}) {
      for (Pooling pooling : {Pooling::kLast, Pooling::kMean, Pooling::kMax}) {
        NetworkSpec spec;
        spec.cell.kind = kind;
        spec.input_size = 3;
        spec.hidden_size = 4;
        spec.layers = 2;
        spec.bidirectional = bidirectional;
        spec.pooling = pooling;
        spec.classes = 3;
        ExpectMeanOfMembers(spec);
        spec.vocabulary_size = 7;
        spec.embedding_size = 2;
        ExpectMeanOfMembers(spec);
      }
    }
  }
}

TEST(MergeMembersTest, OneMemberIsItself) {
  NetworkSpec spec;
  spec.hidden_size = 4;
  spec.classes = 3;
  const Weights weights = RandomWeights(spec, 5, 0.5f);
  EXPECT_EQ(MergedSpec(spec, 1), spec);
  EXPECT_EQ(MergeMembers(spec, {weights}), weights);
}

TEST(MergeMembersTest, MembersCanBeTakenOutAgain) {
  NetworkSpec spec;
  spec.hidden_size = 6;
  spec.layers = 2;
  spec.classes = 3;
  spec.bidirectional = true;
  spec.vocabulary_size = 7;
  spec.embedding_size = 4;
  for (int count : {1, 2, 3}) {
    std::vector<Weights> members;
    for (int member = 0; member < count; ++member) {
      members.push_back(RandomWeights(spec, 7 + member, 0.6f));
    }
    const NetworkSpec merged = MergedSpec(spec, count);
    const Weights weights = MergeMembers(spec, members);
    ASSERT_EQ(CountMembers(merged, weights), count);
    EXPECT_EQ(MemberSpec(merged, count), spec);
    for (int member = 0; member < count; ++member) {
      for (const auto& [name, tensor] :
           MemberLayers(merged, weights, member, count)) {
        EXPECT_EQ(tensor, members[member].at(name)) << name;
      }
    }
  }
}

}  // namespace
}  // namespace recur
