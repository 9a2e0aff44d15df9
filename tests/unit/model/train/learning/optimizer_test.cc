#include "model/train/learning/optimizer.h"

#include <cmath>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace recur {
namespace {

Weights One(float weight) { return {{"w", Tensor{{1}, {weight}}}}; }

OptimizerOptions Plain(OptimizerKind kind) {
  OptimizerOptions options;
  options.kind = kind;
  options.learning_rate = 0.1;
  options.weight_decay = 0.0;
  options.clip_norm = 0.0;
  options.warm_up_steps = 0;
  return options;
}

// Applies the gradients one after the other to a weight that begins at 1.
float After(const OptimizerOptions& options,
            std::initializer_list<float> slopes,
            const std::string& name = "w") {
  Optimizer optimizer(options);
  Weights weights = {{name, Tensor{{1}, {1.0f}}}};
  for (float slope : slopes) {
    Weights gradients = {{name, Tensor{{1}, {slope}}}};
    optimizer.Update(&gradients, &weights);
  }
  return weights.begin()->second.values[0];
}

TEST(OptimizerTest, SgdAddsUpMomentum) {
  OptimizerOptions options = Plain(OptimizerKind::kSgd);
  options.momentum = 0.5;
  // u: 2, then 0.5 * 2 + 4 = 5; w: 1 - 0.2 - 0.5.
  EXPECT_NEAR(After(options, {2.0f, 4.0f}), 0.3f, 1e-6f);
}

TEST(OptimizerTest, RmspropDividesByTheRunningRootMeanSquare) {
  OptimizerOptions options = Plain(OptimizerKind::kRmsprop);
  options.decay_rate = 0.75;
  // v: 0.25 * 4 = 1, then 0.75 + 0.25 * 16 = 4.75.
  const double expected = 1.0 - 0.1 * 2.0 / 1.0 - 0.1 * 4.0 / std::sqrt(4.75);
  EXPECT_NEAR(After(options, {2.0f, 4.0f}), expected, 1e-6);
}

TEST(OptimizerTest, AdamsFirstStepIsTheRateWhateverTheSlope) {
  const OptimizerOptions options = Plain(OptimizerKind::kAdam);
  EXPECT_NEAR(After(options, {1e-3f}), 0.9f, 1e-5f);
  EXPECT_NEAR(After(options, {-50.0f}), 1.1f, 1e-5f);
}

TEST(OptimizerTest, AdamFollowsItsClosedFormOverTwoSteps) {
  OptimizerOptions options = Plain(OptimizerKind::kAdam);
  options.beta1 = 0.5;
  options.beta2 = 0.75;
  // m: 1, then 0.5 + 2 = 2.5 over 1 - 0.25; v: 1, then 0.75 + 4 = 4.75 over
  // 1 - 0.5625.
  const double second = (2.5 / 0.75) / std::sqrt(4.75 / 0.4375);
  EXPECT_NEAR(After(options, {2.0f, 4.0f}), 1.0 - 0.1 - 0.1 * second, 1e-6);
}

TEST(OptimizerTest, WeightDecayIsApartFromTheSlopeAndSparesBiases) {
  OptimizerOptions options = Plain(OptimizerKind::kAdam);
  options.weight_decay = 0.5;
  EXPECT_NEAR(After(options, {0.0f}), 1.0f - 0.1f * 0.5f, 1e-6f);
  EXPECT_EQ(After(options, {0.0f}, "head.bias"), 1.0f);
}

TEST(OptimizerTest, L2AddsTheWeightToTheSlopeAndSparesBiases) {
  OptimizerOptions options = Plain(OptimizerKind::kSgd);
  options.l2 = 0.25;
  EXPECT_NEAR(After(options, {1.0f}), 1.0f - 0.1f * 1.25f, 1e-6f);
  EXPECT_NEAR(After(options, {1.0f}, "head.bias"), 0.9f, 1e-6f);
}

TEST(OptimizerTest, ClipsAllGradientsTogether) {
  Weights gradients = {{"a", Tensor{{1}, {3.0f}}}, {"b", Tensor{{1}, {4.0f}}}};
  EXPECT_DOUBLE_EQ(ClipGlobalNorm(1.0, &gradients), 5.0);
  EXPECT_NEAR(gradients["a"].values[0], 0.6f, 1e-6f);
  EXPECT_NEAR(gradients["b"].values[0], 0.8f, 1e-6f);
}

TEST(OptimizerTest, LeavesShortGradientsAlone) {
  Weights gradients = One(0.5f);
  ClipGlobalNorm(1.0, &gradients);
  EXPECT_EQ(gradients["w"].values[0], 0.5f);
  gradients = One(50.0f);
  ClipGlobalNorm(0.0, &gradients);
  EXPECT_EQ(gradients["w"].values[0], 50.0f);
}

TEST(OptimizerTest, WarmsUpEvenly) {
  OptimizerOptions options;
  options.learning_rate = 0.2;
  options.warm_up_steps = 4;
  const Optimizer optimizer(options);
  EXPECT_DOUBLE_EQ(optimizer.LearningRate(1), 0.05);
  EXPECT_DOUBLE_EQ(optimizer.LearningRate(4), 0.2);
  EXPECT_DOUBLE_EQ(optimizer.LearningRate(400), 0.2);
}

TEST(OptimizerTest, CosineFallsToZeroAndStepByATenthPerThird) {
  OptimizerOptions options;
  options.learning_rate = 0.2;
  options.warm_up_steps = 0;
  options.schedule_steps = 300;
  options.schedule = Schedule::kCosine;
  EXPECT_NEAR(Optimizer(options).LearningRate(150), 0.1, 1e-9);
  EXPECT_NEAR(Optimizer(options).LearningRate(300), 0.0, 1e-9);
  EXPECT_NEAR(Optimizer(options).LearningRate(900), 0.0, 1e-9);
  options.schedule = Schedule::kStep;
  EXPECT_NEAR(Optimizer(options).LearningRate(99), 0.2, 1e-9);
  EXPECT_NEAR(Optimizer(options).LearningRate(101), 0.02, 1e-9);
  EXPECT_NEAR(Optimizer(options).LearningRate(900), 0.002, 1e-9);
}

// Tensors are moved by vectors, and by single values at their end.
TEST(OptimizerTest, EveryValueOfATensorMovesAlike) {
  for (OptimizerKind kind :
       {OptimizerKind::kAdam, OptimizerKind::kRmsprop, OptimizerKind::kSgd}) {
    Optimizer optimizer(Plain(kind));
    Weights weights = {{"w", Tensor{{37}, std::vector<float>(37, 1.0f)}}};
    for (float slope : {0.5f, -0.25f}) {
      Weights gradients = {{"w", Tensor{{37}, std::vector<float>(37, slope)}}};
      optimizer.Update(&gradients, &weights);
    }
    const float expected = After(Plain(kind), {0.5f, -0.25f});
    for (float value : weights["w"].values) EXPECT_EQ(value, expected);
  }
}

TEST(OptimizerTest, GoesOnFromTheStateOfAnother) {
  const OptimizerOptions options = Plain(OptimizerKind::kAdam);
  Weights weights = One(1.0f);
  Optimizer first(options);
  Weights gradients = One(2.0f);
  first.Update(&gradients, &weights);
  Optimizer second(options);
  second.set_state(first.state());
  gradients = One(4.0f);
  second.Update(&gradients, &weights);
  EXPECT_EQ(weights["w"].values[0], After(options, {2.0f, 4.0f}));
}

TEST(OptimizerTest, NamesTheOptionThatIsOutOfRange) {
  OptimizerOptions options;
  options.learning_rate = 0.0;
  EXPECT_EQ(ValidateOptimizer(options).message(),
            "learning rate is 0; it must be above 0");
  options = {};
  options.momentum = 1.0;
  EXPECT_EQ(ValidateOptimizer(options).message(),
            "momentum is 1; it must be in [0, 1)");
  EXPECT_EQ(ParseOptimizerKind("lion").status().message(),
            "optimizer is \"lion\"; it must be adam, rmsprop or sgd");
}

}  // namespace
}  // namespace recur
