// Steps and heads of the engine against the reference engine.
#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/network/native/native_engine.h"
#include "model/network/random_weights.h"
#include "model/network/reference/reference_engine.h"
#include "tests/unit/model/network/sample_networks.h"
#include "tests/unit/model/network/step_comparison.h"

namespace recur {
namespace {

using testing::HasSubstr;

constexpr int kMaxBatch = 64;

// A fifth of what engines promise.
constexpr double kTolerance = 2e-6;

std::string CellOf(const testing::TestParamInfo<Cell>& info) {
  return absl::StrCat(info.index, "_", CellKindName(info.param.kind));
}

void ExpectAgreesWithReference(const NetworkSpec& spec,
                               const std::vector<int>& batches, int steps) {
  const float range = 1.0f / std::sqrt(static_cast<float>(spec.hidden_size));
  const Weights weights = RandomWeights(spec, 5, std::min(0.3f, range));
  const auto native_engine = CreateNativeEngine(spec, weights);
  const auto reference_engine = CreateReferenceEngine(spec, weights);
  const auto native = MakeWorkspace(native_engine, kMaxBatch);
  const auto reference = MakeWorkspace(reference_engine, kMaxBatch);
  for (int batch : batches) {
    ExpectEnginesAgree(native.get(), reference.get(), spec, batch, steps,
                       kTolerance);
  }
}

class NativeEngineTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!CpuFeatures::Here().avx512f) GTEST_SKIP() << "needs AVX-512F";
  }
};

class NativeCellTest : public NativeEngineTest,
                       public testing::WithParamInterface<Cell> {};

class NativeNetworkTest : public NativeEngineTest,
                          public testing::WithParamInterface<NetworkSpec> {};

INSTANTIATE_TEST_SUITE_P(EveryCell, NativeCellTest,
                         testing::ValuesIn(AllCells()), CellOf);

INSTANTIATE_TEST_SUITE_P(EveryNetwork, NativeNetworkTest,
                         testing::ValuesIn(SteppingNetworks()),
                         [](const auto& info) {
                           return std::to_string(info.index) + "_" +
                                  SpecName(info.param);
                         });

TEST_P(NativeNetworkTest, EqualsTheReferenceInEveryBatchAtEveryStep) {
  const NetworkSpec& spec = GetParam();
  std::vector<int> batches;
  for (int batch = 1; batch <= kMaxBatch; ++batch) batches.push_back(batch);
  ExpectAgreesWithReference(spec, batches, 3);
  ExpectAgreesWithReference(spec, {2}, 100);
}

TEST_P(NativeCellTest, EqualsTheReferenceAtEveryHiddenSize) {
  for (int hidden = 1; hidden <= 150; hidden += hidden < 70 ? 1 : 7) {
    SCOPED_TRACE(hidden);
    NetworkSpec spec = ClassifierSpec(GetParam(), 1 + hidden % 3, hidden);
    spec.input_size = 1 + hidden * 7 % 40;
    ExpectAgreesWithReference(spec, {1, 1 + hidden % 13}, 3);
    if (HasFatalFailure()) return;
  }
}

TEST_P(NativeCellTest, HasTheSameBitsInAnyBatch) {
  for (int hidden : {9, 16, 33, 64, 100}) {
    SCOPED_TRACE(hidden);
    const NetworkSpec spec = ForecasterSpec(GetParam(), 2, hidden);
    const auto engine = CreateNativeEngine(spec, RandomWeights(spec, 5, 0.3f));
    ASSERT_TRUE(engine.ok()) << engine.status();
    const auto same = SameBitsInAnyBatch(**engine, kMaxBatch);
    ASSERT_TRUE(same.ok()) << same.status();
    EXPECT_TRUE(*same);
  }
}

TEST_P(NativeCellTest, CutsLargeBatchesWithoutChangingThem) {
  const NetworkSpec spec = ForecasterSpec(GetParam(), 2, 9);
  const Weights weights = RandomWeights(spec, 5, 0.3f);
  const auto native_engine = CreateNativeEngine(spec, weights);
  const auto reference_engine = CreateReferenceEngine(spec, weights);
  for (int max_batch : {5, 1000}) {
    const auto native = MakeWorkspace(native_engine, max_batch);
    const auto reference = MakeWorkspace(reference_engine, max_batch);
    ExpectEnginesAgree(native.get(), reference.get(), spec, 13, 3, kTolerance);
    ExpectEnginesAgree(native.get(), reference.get(), spec, 200, 3, kTolerance);
  }
}

// Whatever its neighbours in memory hold, and without touching them.
TEST_P(NativeCellTest, StatesMayLieAnywhere) {
  const NetworkSpec spec = ClassifierSpec(GetParam(), 2, 37);
  const Weights weights = RandomWeights(spec, 5, 0.3f);
  const auto engine = CreateNativeEngine(spec, weights);
  const auto workspace = MakeWorkspace(engine, 8);
  const int size = HiddenStateSize(spec);
  const std::vector<float> input = {0.5f, -1.0f, 2.0f};
  std::vector<float> expected(size, 0.25f);
  const StepRow alone = {input.data(), 0, expected.data()};
  ASSERT_TRUE(workspace->Step({&alone, 1}).ok());
  constexpr int kRows = 7;
  constexpr float kGap = 1e30f;
  std::vector<float> block((size + 1) * kRows + 1, kGap);
  std::vector<StepRow> rows;
  for (int i = 0; i < kRows; ++i) {
    float* state = block.data() + i * (size + 1) + 1;
    std::fill_n(state, size, 0.25f);
    rows.push_back({input.data(), 0, state});
  }
  ASSERT_TRUE(workspace->Step(rows).ok());
  for (const StepRow& row : rows) {
    EXPECT_EQ(row.state[-1], kGap);
    EXPECT_EQ(std::vector<float>(row.state, row.state + size), expected);
  }
  EXPECT_EQ(block.back(), kGap);
}

TEST_P(NativeCellTest, ExtremeInputsGiveFiniteStates) {
  if (GetParam().activation == Activation::kRelu) return;  // has no limit
  const NetworkSpec spec = ClassifierSpec(GetParam(), 2, 20);
  const Weights weights = RandomWeights(spec, 5, 0.3f);
  const auto engine = CreateNativeEngine(spec, weights);
  const auto workspace = MakeWorkspace(engine, 8);
  for (float extreme : {1e30f, -1e30f, 1e-42f, -1e-42f, 1e-38f, 1e5f}) {
    std::vector<float> state(HiddenStateSize(spec), extreme);
    const std::vector<float> input = {extreme, 0.0f, extreme};
    const StepRow row = {input.data(), 0, state.data()};
    for (int step = 0; step < 3; ++step) {
      ASSERT_TRUE(workspace->Step({&row, 1}).ok());
      for (float value : state) ASSERT_TRUE(std::isfinite(value)) << extreme;
    }
  }
}

TEST_P(NativeCellTest, NanInputGivesNanStates) {
  const NetworkSpec spec = ClassifierSpec(GetParam(), 1, 20);
  const auto engine = CreateNativeEngine(spec, RandomWeights(spec, 5, 0.3f));
  const auto workspace = MakeWorkspace(engine, 8);
  std::vector<float> state(HiddenStateSize(spec), 0.5f);
  const std::vector<float> input = {std::nanf(""), 0.0f, 1.0f};
  const StepRow row = {input.data(), 0, state.data()};
  ASSERT_TRUE(workspace->Step({&row, 1}).ok());
  for (float value : state) EXPECT_TRUE(std::isnan(value));
}

TEST_F(NativeEngineTest, RememberedNumbersOfAnySizeAreForgottenAtOnce) {
  NetworkSpec spec = ClassifierSpec(Cell{CellKind::kLstm}, 1, 16);
  Weights weights = RandomWeights(spec, 5, 0.0f);
  std::vector<float>& bias = weights["layers.0.forward.bias"].values;
  std::fill_n(bias.begin() + spec.hidden_size, spec.hidden_size, -25.0f);
  const auto engine = CreateNativeEngine(spec, weights);
  const auto workspace = MakeWorkspace(engine, 1);
  std::vector<float> state(HiddenStateSize(spec), 1e4f);
  const std::vector<float> input(spec.input_size);
  const StepRow row = {input.data(), 0, state.data()};
  ASSERT_TRUE(workspace->Step({&row, 1}).ok());
  EXPECT_NEAR(state[spec.hidden_size], 1e4 / (1.0 + std::exp(25.0)), 1e-8);
}

TEST_F(NativeEngineTest, SaysWhatItIs) {
  const NetworkSpec spec = ClassifierSpec(Cell{CellKind::kLstm}, 1, 8);
  const auto engine = CreateNativeEngine(spec, RandomWeights(spec, 5, 0.3f));
  ASSERT_TRUE(engine.ok()) << engine.status();
  EXPECT_EQ((*engine)->name(), "native");
  EXPECT_EQ((*engine)->spec(), spec);
  EXPECT_EQ((*engine)->numerics(), "native 1 avx512f f32");
  // Every weight at least once.
  EXPECT_GE((*engine)->bytes(), 4 * (3 * 32 + 8 * 32 + 32 + 8 * 4 + 4));
}

TEST_F(NativeEngineTest, RefusesAWorkspaceOfNoRows) {
  const NetworkSpec spec = ClassifierSpec(Cell{}, 1, 8);
  const auto engine = CreateNativeEngine(spec, RandomWeights(spec, 5, 0.3f));
  ASSERT_TRUE(engine.ok()) << engine.status();
  EXPECT_EQ((*engine)->CreateWorkspace(0).status().message(),
            "max_batch is 0; it needs at least 1");
}

TEST_F(NativeEngineTest, TokenOutsideTheVocabularyLeavesEveryStateAsItWas) {
  const NetworkSpec spec = WithEmbedding(ClassifierSpec(Cell{}, 1, 8));
  const auto engine = CreateNativeEngine(spec, RandomWeights(spec, 5, 0.3f));
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

TEST_F(NativeEngineTest, DoesNotRunWholeSequences) {
  const NetworkSpec spec = ClassifierSpec(Cell{}, 1, 8);
  const auto engine = CreateNativeEngine(spec, RandomWeights(spec, 5, 0.3f));
  EXPECT_EQ(MakeWorkspace(engine, 2)->RunSequences({}).code(),
            absl::StatusCode::kInternal);
}

TEST(NativeEngineChecksTest, RefusesWeightsOfAnotherShape) {
  const NetworkSpec spec = ClassifierSpec(Cell{}, 1, 8);
  Weights weights = RandomWeights(spec, 5, 0.3f);
  weights.erase("head.bias");
  const auto engine = CreateNativeEngine(spec, weights);
  EXPECT_EQ(engine.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(engine.status().message()), HasSubstr("head.bias"));
}

TEST(NativeEngineChecksTest, LeavesBidirectionalNetworksToOthers) {
  NetworkSpec spec = ClassifierSpec(Cell{}, 1, 8);
  spec.bidirectional = true;
  const auto engine =
      CreateNativeEngine(spec, RandomWeights(spec, 5, 0.3f), {.avx512f = true});
  EXPECT_EQ(engine.status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(engine.status().message(),
            "the native engine steps; it cannot run a bidirectional network");
}

TEST(NativeEngineChecksTest, LeavesOtherCpusToOthers) {
  const NetworkSpec spec = ClassifierSpec(Cell{}, 1, 8);
  const auto engine = CreateNativeEngine(spec, RandomWeights(spec, 5, 0.3f),
                                         {.avx512f = false});
  EXPECT_EQ(engine.status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(engine.status().message(),
            "the native engine needs a CPU with AVX-512F");
}

}  // namespace
}  // namespace recur
