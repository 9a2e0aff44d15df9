#include "model/network/weight_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "model/network/random_weights.h"

namespace recur {
namespace {

using ::testing::HasSubstr;

NetworkSpec Spec() {
  NetworkSpec spec;
  spec.input_size = 3;
  spec.hidden_size = 2;
  spec.classes = 4;
  return spec;
}

std::string Refusal(const NetworkSpec& spec, const Weights& weights) {
  const absl::Status status = CheckWeights(spec, weights);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(WeightCheckTest, TakesWhatTheNetworkNeeds) {
  EXPECT_TRUE(CheckWeights(Spec(), RandomWeights(Spec(), 1, 0.5f)).ok());
}

TEST(WeightCheckTest, NamesAMissingWeightAndItsShape) {
  Weights weights = RandomWeights(Spec(), 1, 0.5f);
  weights.erase("head.weight");
  EXPECT_EQ(Refusal(Spec(), weights),
            "weight \"head.weight\" is missing; the network needs it with "
            "shape [2, 4]");
}

TEST(WeightCheckTest, NamesAWrongShapeAndTheRightOne) {
  Weights weights = RandomWeights(Spec(), 1, 0.5f);
  // As many values: a transposed weight is still a wrong one.
  weights["layers.0.forward.weight_input"].dims = {4, 3, 2};
  EXPECT_EQ(Refusal(Spec(), weights),
            "weight \"layers.0.forward.weight_input\" has shape [4, 3, 2]; "
            "the network needs [3, 4, 2]");
}

TEST(WeightCheckTest, NamesAWeightWithFewerValuesThanItsShape) {
  Weights weights = RandomWeights(Spec(), 1, 0.5f);
  weights["head.bias"].values.pop_back();
  EXPECT_EQ(Refusal(Spec(), weights),
            "weight \"head.bias\" has 3 values; its shape [4] needs 4");
}

TEST(WeightCheckTest, NamesAWeightOfAnotherNetwork) {
  Weights weights = RandomWeights(Spec(), 1, 0.5f);
  weights["layers.1.forward.bias"] = {{4, 2}, std::vector<float>(8)};
  EXPECT_EQ(Refusal(Spec(), weights),
            "weight \"layers.1.forward.bias\" of shape [4, 2] is not of this "
            "network");
}

TEST(WeightCheckTest, RefusesASpecThatIsOutOfRange) {
  NetworkSpec spec = Spec();
  spec.layers = 0;
  EXPECT_THAT(Refusal(spec, {}), HasSubstr("network.layers is 0"));
}

}  // namespace
}  // namespace recur
