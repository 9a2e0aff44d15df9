#include "model/train/learner.h"

#include <cmath>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "model/network/onednn/onednn_engine.h"
#include "model/train/initial_weights.h"
#include "model/train/serve_model.h"

namespace recur {
namespace {

NetworkSpec XorNetwork() {
  NetworkSpec spec;
  spec.cell = {CellKind::kRnn, Activation::kSigmoid};
  spec.input_size = 1;
  spec.hidden_size = 2;
  spec.head = Head::kSigmoid;
  spec.classes = 1;
  return spec;
}

// Both bits one after the other, all four cases.
SequenceBatch XorBatch() {
  SequenceBatch batch;
  batch.steps = 2;
  batch.rows = 4;
  batch.lengths = {2, 2, 2, 2};
  batch.inputs = {0, 0, 1, 1, 0, 1, 0, 1};
  batch.points = {{1, 0}, {1, 1}, {1, 2}, {1, 3}};
  return batch;
}

const std::vector<float> kXor = {0, 1, 1, 0};

LearnerOptions XorOptions() {
  LearnerOptions options;
  options.loss.kind = LossKind::kSigmoid;
  options.optimizer.kind = OptimizerKind::kRmsprop;
  options.optimizer.learning_rate = 0.1;
  options.optimizer.epsilon = 0.01;
  options.optimizer.weight_decay = 0.0;
  options.dropout = 0.0f;
  return options;
}

// What the served network says, independently of the training code.
std::vector<float> Serve(const NetworkSpec& spec, const Weights& weights,
                         const SequenceBatch& batch) {
  auto engine = CreateOnednnEngine(spec, weights);
  auto workspace = (*engine)->CreateWorkspace(1);
  std::vector<float> answers;
  for (int row = 0; row < batch.rows; ++row) {
    std::vector<float> state(HiddenStateSize(spec));
    for (int step = 0; step < batch.lengths[row]; ++step) {
      const StepRow now{&batch.inputs[step * batch.rows + row], 0,
                        state.data()};
      EXPECT_TRUE((*workspace)->Step({&now, 1}).ok());
    }
    float answer = 0.0f;
    const HeadRow head{state.data(), nullptr, &answer};
    EXPECT_TRUE((*workspace)->RunHead({&head, 1}).ok());
    answers.push_back(answer);
  }
  return answers;
}

bool LearnsXor(uint64_t seed) {
  const NetworkSpec spec = XorNetwork();
  const SequenceBatch batch = XorBatch();
  auto learner =
      Learner::Create(spec, InitialWeights(spec, {}, seed), XorOptions());
  for (int i = 0; i < 3000; ++i) {
    if (!learner->Step(batch, kXor).ok()) return false;
  }
  const std::vector<float> answers = Serve(spec, learner->weights(), batch);
  for (size_t i = 0; i < kXor.size(); ++i) {
    if (std::abs(answers[i] - kXor[i]) > 0.1f) return false;
  }
  return true;
}

TEST(LearnerTest, TwoSigmoidUnitsLearnXorOverTwoSteps) {
  UseOneThreadPerCall();
  int learnt = 0;
  for (uint64_t seed = 0; seed < 10; ++seed) learnt += LearnsXor(seed) ? 1 : 0;
  EXPECT_GE(learnt, 8);
}

Weights WeightsAfter(uint64_t seed, int steps) {
  NetworkSpec spec = XorNetwork();
  spec.cell = {};
  spec.hidden_size = 16;
  LearnerOptions options = XorOptions();
  options.dropout = 0.3f;
  options.seed = seed;
  auto learner = Learner::Create(spec, InitialWeights(spec, {}, seed), options);
  for (int i = 0; i < steps; ++i) {
    EXPECT_TRUE(learner->Step(XorBatch(), kXor).ok());
  }
  return learner->averaged();
}

TEST(LearnerTest, TheSameSeedGivesTheSameBits) {
  UseOneThreadPerCall();
  EXPECT_EQ(WeightsAfter(7, 20), WeightsAfter(7, 20));
  EXPECT_NE(WeightsAfter(7, 20), WeightsAfter(8, 20));
}

TEST(LearnerTest, AveragesQuicklyAtFirst) {
  UseOneThreadPerCall();
  const NetworkSpec spec = XorNetwork();
  const Weights initial = InitialWeights(spec, {}, 1);
  auto learner = Learner::Create(spec, initial, XorOptions());
  ASSERT_TRUE(learner->Step(XorBatch(), kXor).ok());
  // After the first update a tenth is kept: 1 / (1 + 9).
  const float before = initial.at("head.weight").values[0];
  const float after = learner->weights().at("head.weight").values[0];
  EXPECT_NEAR(learner->averaged().at("head.weight").values[0],
              0.1f * before + 0.9f * after, 1e-6f);
}

TEST(LearnerTest, SaysThatTrainingDiverged) {
  UseOneThreadPerCall();
  NetworkSpec spec = XorNetwork();
  spec.cell = {};
  LearnerOptions options = XorOptions();
  options.loss.kind = LossKind::kMse;
  options.optimizer.kind = OptimizerKind::kSgd;
  options.optimizer.learning_rate = 1e30;
  options.optimizer.clip_norm = 0.0;
  auto learner = Learner::Create(spec, InitialWeights(spec, {}, 1), options);
  absl::Status status;
  for (int i = 0; i < 50 && status.ok(); ++i) {
    status = learner->Step(XorBatch(), kXor).status();
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_NE(std::string(status.message()).find("--learning-rate"),
            std::string::npos);
}

TEST(LearnerTest, RefusesADropoutOfOne) {
  LearnerOptions options = XorOptions();
  options.dropout = 1.0f;
  const NetworkSpec spec = XorNetwork();
  EXPECT_EQ(Learner::Create(spec, InitialWeights(spec, {}, 1), options)
                .status()
                .message(),
            "dropout is 1; it must be in [0, 1)");
}

}  // namespace
}  // namespace recur
