#include "model/network/serving/serving_engine.h"

#include "gtest/gtest.h"
#include "model/network/native/native_engine.h"
#include "model/network/random_weights.h"
#include "tests/unit/model/network/sample_networks.h"

namespace recur {
namespace {

TEST(ServingEngineTest, IsNativeWhereThatCanStepTheNetwork) {
  const NetworkSpec spec = ClassifierSpec(Cell{}, 1, 8);
  const auto engine = CreateServingEngine(spec, RandomWeights(spec, 5, 0.3f));
  ASSERT_TRUE(engine.ok()) << engine.status();
  EXPECT_EQ((*engine)->name(),
            CpuFeatures::Here().avx512f ? "native" : "onednn");
}

TEST(ServingEngineTest, IsOnednnForBidirectionalNetworks) {
  NetworkSpec spec = ClassifierSpec(Cell{}, 1, 8);
  spec.bidirectional = true;
  const auto engine = CreateServingEngine(spec, RandomWeights(spec, 5, 0.3f));
  ASSERT_TRUE(engine.ok()) << engine.status();
  EXPECT_EQ((*engine)->name(), "onednn");
}

TEST(ServingEngineTest, IsOnednnForOtherPrecisions) {
  const NetworkSpec spec = ClassifierSpec(Cell{}, 1, 8);
  const auto engine =
      CreateServingEngine(spec, RandomWeights(spec, 5, 0.3f), Precision::kBf16);
  if (absl::IsUnimplemented(engine.status())) GTEST_SKIP() << engine.status();
  ASSERT_TRUE(engine.ok()) << engine.status();
  EXPECT_EQ((*engine)->name(), "onednn");
}

TEST(ServingEngineTest, RefusesWeightsOfAnotherNetwork) {
  const NetworkSpec spec = ClassifierSpec(Cell{}, 1, 8);
  Weights weights = RandomWeights(spec, 5, 0.3f);
  weights.erase("head.bias");
  EXPECT_EQ(CreateServingEngine(spec, weights).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace recur
