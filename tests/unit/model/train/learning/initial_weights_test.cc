#include "model/train/learning/initial_weights.h"

#include <cmath>

#include "gtest/gtest.h"

namespace recur {
namespace {

NetworkSpec Forecaster() {
  NetworkSpec spec;
  spec.input_size = 3;
  spec.hidden_size = 4;
  spec.head = Head::kForecast;
  spec.horizon = 2;
  spec.targets = 2;
  spec.levels = 3;
  spec.future_size = 1;
  spec.decoder_size = 5;
  return spec;
}

TEST(InitialWeightsTest, TheFirstForecastIsANormalBand) {
  const Weights weights = InitialWeights(Forecaster(), {0.1, 0.5, 0.9}, 1);
  const std::vector<float>& bias = weights.at("decoder.bias_output").values;
  ASSERT_EQ(bias.size(), 6u);
  EXPECT_NEAR(bias[0], -1.2815516, 1e-6);
  EXPECT_NEAR(bias[4], 0.0, 1e-6);
  EXPECT_NEAR(bias[5], 1.2815516, 1e-6);
}

TEST(InitialWeightsTest, OnlyTheForgetGateStartsOpen) {
  const Weights weights = InitialWeights(Forecaster(), {0.1, 0.5, 0.9}, 1);
  const std::vector<float>& bias = weights.at("layers.0.forward.bias").values;
  for (size_t i = 0; i < bias.size(); ++i) {
    EXPECT_EQ(bias[i], i / 4 == 1 ? 1.0f : 0.0f) << i;
  }
}

TEST(InitialWeightsTest, MatricesStayWithinTheirRange) {
  const Weights weights = InitialWeights(Forecaster(), {0.1, 0.5, 0.9}, 1);
  for (float value : weights.at("layers.0.forward.weight_hidden").values) {
    EXPECT_LE(std::abs(value), 0.5f);
    EXPECT_NE(value, 0.0f);
  }
}

TEST(InitialWeightsTest, ASigmoidUnitPassesItsStateOn) {
  NetworkSpec spec = Forecaster();
  spec.cell = {CellKind::kRnn, Activation::kSigmoid};
  const Weights weights = InitialWeights(spec, {0.1, 0.5, 0.9}, 1);
  const Tensor& hidden = weights.at("layers.0.forward.weight_hidden");
  for (int row = 0; row < 4; ++row) {
    for (int column = 0; column < 4; ++column) {
      EXPECT_NEAR(hidden.values[row * 4 + column], row == column ? 4.0f : 0.0f,
                  0.5f);
    }
  }
}

TEST(InitialWeightsTest, FollowsFromTheSeed) {
  EXPECT_EQ(InitialWeights(Forecaster(), {}, 5),
            InitialWeights(Forecaster(), {}, 5));
  EXPECT_NE(InitialWeights(Forecaster(), {}, 5),
            InitialWeights(Forecaster(), {}, 6));
}

}  // namespace
}  // namespace recur
