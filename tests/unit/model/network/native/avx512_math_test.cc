#include "model/network/native/avx512_math.h"

#include <cmath>
#include <limits>
#include <vector>

#include "gtest/gtest.h"
#include "model/network/native/gate_scale.h"
#include "model/network/native/step_kernel.h"

#if defined(__x86_64__)

namespace recur {
namespace {

constexpr int kWidth = 16;
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// Of a whole number of vectors.
RECUR_AVX512 void SigmoidOf(const std::vector<float>& x,
                            std::vector<float>* y) {
  const __m512 scale = _mm512_set1_ps(static_cast<float>(kSigmoidScale));
  for (size_t i = 0; i < x.size(); i += kWidth) {
    const __m512 scaled = _mm512_mul_ps(_mm512_loadu_ps(&x[i]), scale);
    _mm512_storeu_ps(&(*y)[i], Sigmoid(scaled));
  }
}

RECUR_AVX512 void TanhOf(const std::vector<float>& x, std::vector<float>* y) {
  const __m512 scale = _mm512_set1_ps(static_cast<float>(kTanhScale));
  for (size_t i = 0; i < x.size(); i += kWidth) {
    const __m512 scaled = _mm512_mul_ps(_mm512_loadu_ps(&x[i]), scale);
    _mm512_storeu_ps(&(*y)[i], Tanh(scaled));
  }
}

using Function = void (*)(const std::vector<float>&, std::vector<float>*);

std::vector<float> Apply(Function function, const std::vector<float>& x) {
  std::vector<float> y(x.size());
  function(x, &y);
  return y;
}

float At(Function function, float x) {
  return Apply(function, std::vector<float>(kWidth, x))[0];
}

double ExactSigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

class Avx512MathTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!CpuFeatures::Here().avx512f) GTEST_SKIP() << "needs AVX-512F";
  }

  // From -100 to 100 in steps of 1/4096, around which -30 to 30 matters.
  static std::vector<float> Grid() {
    std::vector<float> grid;
    for (int i = -409'600; i < 409'600; ++i) {
      grid.push_back(static_cast<float>(i) / 4096);
    }
    return grid;
  }
};

TEST_F(Avx512MathTest, SigmoidIsWithinTwoUnitsOfTheLastPlace) {
  const std::vector<float> x = Grid();
  const std::vector<float> y = Apply(SigmoidOf, x);
  for (size_t i = 0; i < x.size(); ++i) {
    ASSERT_NEAR(y[i], ExactSigmoid(x[i]), 1.2e-7) << x[i];
  }
}

TEST_F(Avx512MathTest, TanhIsWithinTwoUnitsOfTheLastPlace) {
  const std::vector<float> x = Grid();
  const std::vector<float> y = Apply(TanhOf, x);
  for (size_t i = 0; i < x.size(); ++i) {
    ASSERT_NEAR(y[i], std::tanh(double{x[i]}), 1.5e-7) << x[i];
  }
}

TEST_F(Avx512MathTest, TanhOfASmallNumberIsThatNumber) {
  for (float x = 1e-30f; x < 1e-3f; x *= 1.7f) {
    EXPECT_NEAR(At(TanhOf, x) / std::tanh(double{x}), 1.0, 5e-7) << x;
    EXPECT_NEAR(At(TanhOf, -x) / std::tanh(double{x}), -1.0, 5e-7) << x;
  }
  EXPECT_EQ(At(TanhOf, 0.0f), 0.0f);
}

TEST_F(Avx512MathTest, FarFromZeroTheyAreAtTheirLimits) {
  for (float x :
       {50.0f, 1e4f, 1e30f, std::numeric_limits<float>::max(), kInfinity}) {
    EXPECT_EQ(At(SigmoidOf, x), 1.0f) << x;
    EXPECT_NEAR(At(SigmoidOf, -x), 0.0f, 1e-12) << x;
    EXPECT_EQ(At(TanhOf, x), 1.0f) << x;
    EXPECT_EQ(At(TanhOf, -x), -1.0f) << x;
  }
}

TEST_F(Avx512MathTest, NanStaysNan) {
  EXPECT_TRUE(std::isnan(At(SigmoidOf, kNan)));
  EXPECT_TRUE(std::isnan(At(TanhOf, kNan)));
  EXPECT_TRUE(std::isnan(At(TanhOf, -kNan)));
}

}  // namespace
}  // namespace recur

#endif  // defined(__x86_64__)
