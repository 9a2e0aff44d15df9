// The engine against what PyTorch answered in float64.
#include "tests/golden/golden.h"

#include "gtest/gtest.h"
#include "model/network/native/native_engine.h"
#include "tests/unit/model/network/step_comparison.h"

namespace recur {
namespace {

TEST(NativeGoldenTest, AgreesWithPytorchAfterEveryStep) {
  if (!CpuFeatures::Here().avx512f) GTEST_SKIP() << "needs AVX-512F";
  const auto networks = ReadGoldenNetworks();
  ASSERT_TRUE(networks.ok()) << networks.status();
  int compared = 0;
  for (const GoldenNetwork& golden : *networks) {
    SCOPED_TRACE(golden.name);
    if (golden.spec.bidirectional) continue;
    const auto engine = CreateNativeEngine(golden.spec, golden.weights);
    ExpectStepsAgree(golden, MakeWorkspace(engine, 8).get(), 2e-6);
    ++compared;
  }
  EXPECT_GT(compared, 0);
}

}  // namespace
}  // namespace recur
