// Steps and heads of the engine against the reference engine.
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/network/onednn/onednn_engine.h"
#include "model/network/random_weights.h"
#include "model/network/reference/reference_engine.h"
#include "tests/unit/model/network/sample_networks.h"
#include "tests/unit/model/network/step_comparison.h"

namespace recur {
namespace {

using testing::HasSubstr;

constexpr int kMaxBatch = 64;

class EngineStepTest : public testing::TestWithParam<NetworkSpec> {};

TEST_P(EngineStepTest, EqualsTheReferenceInEveryBatchAtEveryStep) {
  const NetworkSpec& spec = GetParam();
  const Weights weights = RandomWeights(spec, 5, 0.3f);
  const auto onednn_engine = CreateOnednnEngine(spec, weights);
  const auto reference_engine = CreateReferenceEngine(spec, weights);
  const auto onednn = MakeWorkspace(onednn_engine, kMaxBatch);
  const auto reference = MakeWorkspace(reference_engine, kMaxBatch);
  for (int batch : {1, 2, 3, 15, 16, 17, 63, 64}) {
    const int steps = batch == 2 ? 100 : 4;
    ExpectEnginesAgree(onednn.get(), reference.get(), spec, batch, steps);
  }
}

INSTANTIATE_TEST_SUITE_P(EveryNetwork, EngineStepTest,
                         testing::ValuesIn(SteppingNetworks()),
                         [](const auto& info) {
                           return std::to_string(info.index) + "_" +
                                  SpecName(info.param);
                         });

TEST(OnednnEngineTest, CutsLargeBatchesWithoutChangingThem) {
  for (const Cell& cell : AllCells()) {
    const NetworkSpec spec = ForecasterSpec(cell, 2, 9);
    SCOPED_TRACE(SpecName(spec));
    const Weights weights = RandomWeights(spec, 5, 0.3f);
    const auto onednn_engine = CreateOnednnEngine(spec, weights);
    const auto reference_engine = CreateReferenceEngine(spec, weights);
    const auto onednn = MakeWorkspace(onednn_engine, 5);
    const auto reference = MakeWorkspace(reference_engine, 5);
    ExpectEnginesAgree(onednn.get(), reference.get(), spec, 13, 3);
  }
}

TEST(OnednnEngineTest, WorkspaceOfMoreRowsThanUsefulStepsThemAll) {
  const NetworkSpec spec = ClassifierSpec(Cell{}, 1, 8);
  const Weights weights = RandomWeights(spec, 5, 0.3f);
  const auto onednn_engine = CreateOnednnEngine(spec, weights);
  const auto reference_engine = CreateReferenceEngine(spec, weights);
  const auto onednn = MakeWorkspace(onednn_engine, 1000);
  const auto reference = MakeWorkspace(reference_engine, 1000);
  ExpectEnginesAgree(onednn.get(), reference.get(), spec, 200, 3);
}

TEST(OnednnEngineTest, LstmHasTheSameBitsInAnyBatchOnAvx512) {
  const NetworkSpec spec = ForecasterSpec(Cell{CellKind::kLstm}, 2, 32);
  const auto engine = CreateOnednnEngine(spec, RandomWeights(spec, 5, 0.3f));
  ASSERT_TRUE(engine.ok()) << engine.status();
  if ((*engine)->numerics().find("avx512_core") == absl::string_view::npos) {
    GTEST_SKIP() << "needs AVX-512, has " << (*engine)->numerics();
  }
  const auto same = SameBitsInAnyBatch(**engine, kMaxBatch);
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_TRUE(*same);
}

TEST(OnednnEngineTest, SaysWhatItIs) {
  const NetworkSpec spec = ClassifierSpec(Cell{CellKind::kLstm}, 1, 8);
  const auto engine = CreateOnednnEngine(spec, RandomWeights(spec, 5, 0.3f));
  ASSERT_TRUE(engine.ok()) << engine.status();
  EXPECT_EQ((*engine)->name(), "onednn");
  EXPECT_EQ((*engine)->spec(), spec);
  EXPECT_THAT(std::string((*engine)->numerics()),
              testing::MatchesRegex("onednn [0-9.]+ [a-z0-9_]+ f32"));
  // Every weight at least once.
  EXPECT_GE((*engine)->bytes(), 4 * (3 * 32 + 8 * 32 + 32 + 8 * 4 + 4));
}

TEST(OnednnEngineTest, RefusesWeightsOfAnotherShape) {
  const NetworkSpec spec = ClassifierSpec(Cell{}, 1, 8);
  Weights weights = RandomWeights(spec, 5, 0.3f);
  weights.erase("head.bias");
  const auto engine = CreateOnednnEngine(spec, weights);
  EXPECT_EQ(engine.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(engine.status().message()), HasSubstr("head.bias"));
}

TEST(OnednnEngineTest, RefusesAWorkspaceOfNoRows) {
  const NetworkSpec spec = ClassifierSpec(Cell{}, 1, 8);
  const auto engine = CreateOnednnEngine(spec, RandomWeights(spec, 5, 0.3f));
  ASSERT_TRUE(engine.ok()) << engine.status();
  EXPECT_EQ((*engine)->CreateWorkspace(0).status().message(),
            "max_batch is 0; it needs at least 1");
}

TEST(OnednnEngineTest, TokenOutsideTheVocabularyLeavesEveryStateAsItWas) {
  const NetworkSpec spec = WithEmbedding(ClassifierSpec(Cell{}, 1, 8));
  const auto engine = CreateOnednnEngine(spec, RandomWeights(spec, 5, 0.3f));
  const auto workspace = MakeWorkspace(engine, 4);
  std::vector<float> a(HiddenStateSize(spec), 0.5f);
  std::vector<float> b = a;
  const std::vector<float> before = a;
  const std::vector<StepRow> rows = {{nullptr, 5, a.data()},
                                     {nullptr, 6, b.data()}};
  const absl::Status status = workspace->Step(rows);
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(status.message(), "token 6 is outside the vocabulary of 6");
  EXPECT_EQ(a, before);
  EXPECT_EQ(b, before);
}

TEST(OnednnEngineTest, OnlyBidirectionalNetworksRunWholeSequences) {
  NetworkSpec spec = ClassifierSpec(Cell{}, 1, 8);
  const auto stepping = CreateOnednnEngine(spec, RandomWeights(spec, 5, 0.3f));
  EXPECT_EQ(MakeWorkspace(stepping, 2)->RunSequences({}).code(),
            absl::StatusCode::kInternal);
  spec.bidirectional = true;
  const auto whole = CreateOnednnEngine(spec, RandomWeights(spec, 5, 0.3f));
  EXPECT_EQ(MakeWorkspace(whole, 2)->Step({}).code(),
            absl::StatusCode::kInternal);
  EXPECT_EQ(MakeWorkspace(whole, 2)->RunHead({}).code(),
            absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace recur
