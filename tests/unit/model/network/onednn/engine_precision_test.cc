// bf16 against the reference engine, and where it cannot be had.
#include <stdlib.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/network/engine_probe.h"
#include "model/network/onednn/onednn_engine.h"
#include "model/network/random_weights.h"
#include "model/network/reference/reference_engine.h"
#include "tests/unit/model/network/sample_networks.h"

namespace recur {
namespace {

using testing::HasSubstr;

constexpr double kTolerance = 2e-2;
constexpr int kSteps = 64;

bool HasBf16() {
  const NetworkSpec spec = ClassifierSpec(Cell{}, 1, 8);
  return CreateOnednnEngine(spec, RandomWeights(spec, 5, 0.3f),
                            Precision::kBf16)
      .ok();
}

class PrecisionTest : public testing::TestWithParam<NetworkSpec> {
 protected:
  void SetUp() override {
    if (!HasBf16()) GTEST_SKIP() << "needs a CPU with AVX512-BF16";
  }
};

double LargestDifference(const std::vector<float>& actual,
                         const std::vector<float>& expected) {
  EXPECT_EQ(actual.size(), expected.size());
  double largest = 0;
  for (size_t i = 0; i < actual.size(); ++i) {
    EXPECT_TRUE(std::isfinite(actual[i])) << i;
    largest = std::max<double>(largest, std::abs(actual[i] - expected[i]));
  }
  return largest;
}

TEST_P(PrecisionTest, Bf16IsNearTheReferenceInEveryBatchAtEveryStep) {
  const NetworkSpec& spec = GetParam();
  // As far from zero as what training gives.
  const float range = 1.0f / std::sqrt(static_cast<float>(spec.hidden_size));
  const Weights weights = RandomWeights(spec, 5, range);
  const auto engine = CreateOnednnEngine(spec, weights, Precision::kBf16);
  const auto reference = CreateReferenceEngine(spec, weights);
  ASSERT_TRUE(engine.ok() && reference.ok()) << engine.status();
  const auto narrow = (*engine)->CreateWorkspace(64);
  const auto exact = (*reference)->CreateWorkspace(64);
  ASSERT_TRUE(narrow.ok() && exact.ok());
  double states = 0;
  double outputs = 0;
  for (int batch : {1, 3, 16, 17, 64}) {
    const EngineProbe probe(spec, batch, batch == 3 ? kSteps : 8);
    const auto actual = probe.Run(narrow->get(), 0, batch);
    const auto expected = probe.Run(exact->get(), 0, batch);
    ASSERT_TRUE(actual.ok() && expected.ok());
    for (int i = 0; i < batch; ++i) {
      states = std::max(states, LargestDifference((*actual)[i].states,
                                                  (*expected)[i].states));
      outputs = std::max(outputs, LargestDifference((*actual)[i].outputs,
                                                    (*expected)[i].outputs));
    }
  }
  RecordProperty("states", std::to_string(states));
  RecordProperty("outputs", std::to_string(outputs));
  std::printf("%-28s %4d: states %.1e, outputs %.1e\n", SpecName(spec).c_str(),
              spec.hidden_size, states, outputs);
  EXPECT_LT(states, kTolerance);
  EXPECT_LT(outputs, kTolerance);
  EXPECT_GT(outputs, 1e-6) << "that is not bf16";
}

std::vector<NetworkSpec> Networks() {
  std::vector<NetworkSpec> specs;
  for (const Cell& cell : AllCells()) {
    for (int layers : {1, 2, 3}) {
      specs.push_back(ForecasterSpec(cell, layers, 9));
    }
    specs.push_back(ForecasterSpec(cell, 1, 64));
    specs.push_back(ForecasterSpec(cell, 1, 128));
    specs.push_back(WithEmbedding(ClassifierSpec(cell, 2, 8)));
    specs.push_back(ForecasterSpec(cell, 2, 9));
    specs.back().bidirectional = true;
  }
  return specs;
}

INSTANTIATE_TEST_SUITE_P(EveryNetwork, PrecisionTest,
                         testing::ValuesIn(Networks()), [](const auto& info) {
                           return std::to_string(info.index) + "_" +
                                  SpecName(info.param);
                         });

TEST(PrecisionTest, StatesComeBackAsTheyWereHandedOut) {
  if (!HasBf16()) GTEST_SKIP() << "needs a CPU with AVX512-BF16";
  // A state that is moved elsewhere between two steps is the same state: what
  // is handed out as f32 is exactly what the next step would have begun with.
  const NetworkSpec spec = ForecasterSpec(Cell{CellKind::kLstm}, 2, 9);
  const auto engine =
      CreateOnednnEngine(spec, RandomWeights(spec, 5, 0.3f), Precision::kBf16);
  ASSERT_TRUE(engine.ok()) << engine.status();
  const EngineProbe probe(spec, 2, 20);
  const auto one = (*engine)->CreateWorkspace(2);
  const auto other = (*engine)->CreateWorkspace(64);
  ASSERT_TRUE(one.ok() && other.ok());
  const auto a = probe.Run(one->get(), 0, 2);
  const auto b = probe.Run(other->get(), 0, 2);
  ASSERT_TRUE(a.ok() && b.ok());
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ((*a)[i].states, (*b)[i].states);
    EXPECT_EQ((*a)[i].outputs, (*b)[i].outputs);
  }
}

TEST(PrecisionTest, Bf16IsNamedAndTakesHalfTheMemory) {
  if (!HasBf16()) GTEST_SKIP() << "needs a CPU with AVX512-BF16";
  const NetworkSpec spec = ClassifierSpec(Cell{CellKind::kLstm}, 1, 64);
  const Weights weights = RandomWeights(spec, 5, 0.3f);
  const auto f32 = CreateOnednnEngine(spec, weights, Precision::kF32);
  const auto bf16 = CreateOnednnEngine(spec, weights, Precision::kBf16);
  ASSERT_TRUE(f32.ok() && bf16.ok());
  EXPECT_THAT(std::string((*bf16)->numerics()),
              testing::MatchesRegex("onednn [0-9.]+ [a-z0-9_]+ bf16"));
  EXPECT_LT((*bf16)->bytes(), 0.6 * static_cast<double>((*f32)->bytes()));
}

TEST(PrecisionTest, TheCheckOfBitsHoldsForBf16WhereItSaysSo) {
  if (!HasBf16()) GTEST_SKIP() << "needs a CPU with AVX512-BF16";
  for (const Cell& cell : AllCells()) {
    const NetworkSpec spec = ForecasterSpec(cell, 2, 32);
    const auto engine = CreateOnednnEngine(spec, RandomWeights(spec, 5, 0.3f),
                                           Precision::kBf16);
    ASSERT_TRUE(engine.ok()) << engine.status();
    const auto same = SameBitsInAnyBatch(**engine, 64);
    ASSERT_TRUE(same.ok()) << same.status();
    std::printf("%s: same bits in any batch: %s\n", CellName(cell).c_str(),
                *same ? "yes" : "no");
    if (cell.kind == CellKind::kLstm) {
      EXPECT_TRUE(*same);
    }
  }
}

TEST(PrecisionDeathTest, ACpuWithoutBf16IsNamedAndStillHasF32) {
  // Death tests in this style run the program anew, so that oneDNN sees the
  // variable.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  setenv("ONEDNN_MAX_CPU_ISA", "AVX2", 1);
  EXPECT_EXIT(
      {
        const NetworkSpec spec = ClassifierSpec(Cell{}, 1, 8);
        const Weights weights = RandomWeights(spec, 5, 0.3f);
        const auto bf16 = CreateOnednnEngine(spec, weights, Precision::kBf16);
        const auto f32 = CreateOnednnEngine(spec, weights, Precision::kF32);
        std::fprintf(stderr, "%s; f32: %s\n", bf16.status().ToString().c_str(),
                     f32.status().ToString().c_str());
        std::exit(0);
      },
      testing::ExitedWithCode(0),
      "UNIMPLEMENTED: bf16 needs a CPU with AVX512-BF16; this one "
      "has (avx2|avx|sse41).*; f32: OK");
  unsetenv("ONEDNN_MAX_CPU_ISA");
}

}  // namespace
}  // namespace recur
