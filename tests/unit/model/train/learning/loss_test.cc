#include "model/train/learning/loss.h"

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace recur {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

double Value(const Loss& loss, const std::vector<float>& outputs,
             const std::vector<float>& targets) {
  std::vector<float> unused;
  return EvaluateLoss(loss, outputs, targets, GivenTargets(targets), &unused);
}

void ExpectGradientMatchesDifferences(const Loss& loss,
                                      const std::vector<float>& outputs,
                                      const std::vector<float>& targets) {
  std::vector<float> gradient;
  EvaluateLoss(loss, outputs, targets, GivenTargets(targets), &gradient);
  ASSERT_EQ(gradient.size(), outputs.size());
  constexpr float kStep = 1e-2f;
  for (size_t i = 0; i < outputs.size(); ++i) {
    std::vector<float> up = outputs;
    std::vector<float> down = outputs;
    up[i] += kStep;
    down[i] -= kStep;
    const double slope =
        (Value(loss, up, targets) - Value(loss, down, targets)) /
        (static_cast<double>(up[i]) - down[i]);
    EXPECT_NEAR(gradient[i], slope, 1e-4) << LossName(loss.kind) << " " << i;
  }
}

std::vector<float> RandomOutputs(size_t count) {
  std::mt19937 engine(3);
  std::normal_distribution<float> normal(0.0f, 2.0f);
  std::vector<float> outputs(count);
  for (float& output : outputs) output = normal(engine);
  return outputs;
}

TEST(LossTest, GradientsMatchFiniteDifferences) {
  const std::vector<float> values = {0.3f, -1.2f, 2.0f, kNaN, 0.7f};
  ExpectGradientMatchesDifferences({LossKind::kMse}, RandomOutputs(5), values);
  ExpectGradientMatchesDifferences({LossKind::kPinball, {0.1, 0.5, 0.9}},
                                   RandomOutputs(15), values);
  ExpectGradientMatchesDifferences({LossKind::kSoftmax, {}, 4},
                                   RandomOutputs(12), {3, 0, 2});
  ExpectGradientMatchesDifferences({LossKind::kSigmoid}, RandomOutputs(4),
                                   {1, 0, 0, 1});
}

TEST(LossTest, TargetsCountWhatTheirClassWeighs) {
  Loss loss{LossKind::kSoftmax, {}, 2, {3.0, 0.5}};
  EXPECT_NEAR(Value(loss, {0.0f, 0.0f, 0.0f, 0.0f}, {0.0f, 1.0f}),
              std::log(2.0) * (3.0 + 0.5) / 2, 1e-6);
  ExpectGradientMatchesDifferences(loss, RandomOutputs(6), {1, 0, 1});
  loss.kind = LossKind::kSigmoid;
  EXPECT_NEAR(Value(loss, {std::log(3.0f)}, {1.0f}), -0.5 * std::log(0.75),
              1e-6);
  ExpectGradientMatchesDifferences(loss, RandomOutputs(3), {1, 0, 1});
}

TEST(LossTest, HasTheValuesOfItsFormulas) {
  EXPECT_NEAR(Value({LossKind::kMse}, {1.0f, 4.0f}, {3.0f, 4.0f}), 2.0, 1e-6);
  // Truth 2 over 1 at level 0.9, under 3 at level 0.5: (0.9 + 0.5) / 2.
  EXPECT_NEAR(Value({LossKind::kPinball, {0.5, 0.9}}, {3.0f, 1.0f}, {2.0f}),
              0.7, 1e-6);
  EXPECT_NEAR(Value({LossKind::kSoftmax, {}, 2}, {0.0f, 0.0f}, {1.0f}),
              std::log(2.0), 1e-6);
  EXPECT_NEAR(Value({LossKind::kSigmoid}, {std::log(3.0f)}, {1.0f}),
              -std::log(0.75), 1e-6);
}

TEST(LossTest, MissingTargetsCountForNothing) {
  const Loss loss{LossKind::kMse};
  std::vector<float> gradient;
  EXPECT_EQ(EvaluateLoss(loss, std::vector<float>{5.0f},
                         std::vector<float>{kNaN}, 0, &gradient),
            0.0);
  EXPECT_EQ(gradient, std::vector<float>{0.0f});
  EXPECT_NEAR(Value(loss, {5.0f, 1.0f}, {kNaN, 3.0f}), 4.0, 1e-6);
}

TEST(LossTest, LargeOutputsDoNotOverflow) {
  EXPECT_NEAR(Value({LossKind::kSigmoid}, {-500.0f}, {1.0f}), 500.0, 1e-3);
  EXPECT_NEAR(Value({LossKind::kSoftmax, {}, 2}, {900.0f, -900.0f}, {1.0f}),
              1800.0, 1e-3);
}

TEST(LossTest, RefusesAnUnknownName) {
  EXPECT_EQ(*ParseLossKind("pinball"), LossKind::kPinball);
  EXPECT_EQ(ParseLossKind("huber").status().message(),
            "loss is \"huber\"; it must be mse, pinball, softmax or sigmoid");
}

}  // namespace
}  // namespace recur
