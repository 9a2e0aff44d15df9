#include "model/network/onednn/dropout_mask.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "gtest/gtest.h"

namespace recur {
namespace {

constexpr int kSize = 100'000;

std::vector<float> Factors(const DropoutMask& mask, int size = kSize) {
  std::vector<float> values(size, 1.0f);
  mask.Apply(absl::MakeSpan(values));
  return values;
}

TEST(DropoutMaskTest, DropsThatShareAndKeepsTheExpectation) {
  const std::vector<float> factors = Factors(DropoutMask({0.3f, 7}, 1, kSize));
  const auto dropped = std::count(factors.begin(), factors.end(), 0.0f);
  EXPECT_NEAR(dropped, 0.3 * kSize, 0.01 * kSize);
  const double sum = std::accumulate(factors.begin(), factors.end(), 0.0);
  EXPECT_NEAR(sum / kSize, 1.0, 0.01);
}

TEST(DropoutMaskTest, RateZeroKeepsAll) {
  EXPECT_EQ(Factors(DropoutMask({0.0f, 7}, 1, kSize)),
            std::vector<float>(kSize, 1.0f));
  EXPECT_EQ(Factors(DropoutMask()), std::vector<float>(kSize, 1.0f));
}

TEST(DropoutMaskTest, SeedsAndStreamsAreIndependent) {
  const auto first = Factors(DropoutMask({0.5f, 7}, 1, kSize));
  for (const auto& other : {Factors(DropoutMask({0.5f, 8}, 1, kSize)),
                            Factors(DropoutMask({0.5f, 7}, 2, kSize))}) {
    int equal = 0;
    for (int i = 0; i < kSize; ++i) equal += first[i] == other[i];
    EXPECT_NEAR(equal, 0.5 * kSize, 0.01 * kSize);
  }
  EXPECT_EQ(Factors(DropoutMask({0.5f, 7}, 1, kSize)), first);
}

TEST(DropoutMaskTest, OffsetAppliesALaterPart) {
  const DropoutMask mask({0.5f, 7}, 1, 100);
  const std::vector<float> whole = Factors(mask, 100);
  std::vector<float> part(40, 1.0f);
  mask.Apply(absl::MakeSpan(part), 60);
  EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + 60));
}

}  // namespace
}  // namespace recur
