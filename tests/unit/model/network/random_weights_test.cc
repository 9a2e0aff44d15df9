#include "model/network/random_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "model/network/weight_check.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

// Computed by another implementation of SplitMix64.
TEST(RandomWeightsTest, AreTheSameNumbersEverywhere) {
  EXPECT_THAT(RandomValues(3, 7, 1.0f),
              ElementsAre(0.44301629066467285f, 0.29940855503082275f,
                          0.09874856472015381f));
  EXPECT_THAT(RandomValues(1, 7, 0.25f), ElementsAre(0.44301629066467285f / 4));
}

TEST(RandomWeightsTest, AreEvenOverTheRange) {
  const std::vector<float> values = RandomValues(10000, 1, 2.0f);
  double sum = 0;
  int in_upper_quarter = 0;
  for (float value : values) {
    sum += value;
    in_upper_quarter += value >= 1.0f;
  }
  EXPECT_NEAR(sum / 10000, 0.0, 0.05);
  EXPECT_NEAR(in_upper_quarter, 2500, 150);
  EXPECT_GE(*std::min_element(values.begin(), values.end()), -2.0f);
  EXPECT_LT(*std::max_element(values.begin(), values.end()), 2.0f);
}

TEST(RandomWeightsTest, DifferFromSeedToSeedAndWeightToWeight) {
  NetworkSpec spec;
  spec.input_size = 4;
  spec.hidden_size = 4;
  spec.classes = 2;
  Weights weights = RandomWeights(spec, 1, 0.5f);
  EXPECT_TRUE(CheckWeights(spec, weights).ok());
  EXPECT_EQ(weights, RandomWeights(spec, 1, 0.5f));
  EXPECT_NE(weights, RandomWeights(spec, 2, 0.5f));
  EXPECT_NE(weights["layers.0.forward.weight_input"].values,
            weights["layers.0.forward.weight_hidden"].values);
}

}  // namespace
}  // namespace recur
