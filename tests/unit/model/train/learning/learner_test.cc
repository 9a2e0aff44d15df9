#include "model/train/learning/learner.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "model/network/onednn/onednn_engine.h"
#include "model/network/onednn/onednn_trainable_network.h"
#include "model/train/learning/initial_weights.h"
#include "model/train/learning/random.h"
#include "model/train/learning/serve_model.h"

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

NetworkSpec SmallForecaster() {
  NetworkSpec spec;
  spec.input_size = 2;
  spec.hidden_size = 16;
  spec.layers = 2;
  spec.head = Head::kForecast;
  spec.horizon = 2;
  spec.targets = 1;
  spec.levels = 1;
  spec.future_size = 1;
  spec.decoder_size = 5;
  return spec;
}

// 11 rows of 1 to 6 steps, a target missing here and there.
void RaggedBatch(SequenceBatch* batch, std::vector<float>* targets) {
  Random random(3);
  batch->steps = 6;
  batch->rows = 11;
  for (int row = 0; row < batch->rows; ++row) {
    batch->lengths.push_back(row == 4 ? 6 : 1 + row % 6);
    batch->points.push_back({batch->lengths.back() - 1, row});
    for (int k = 0; k < 2; ++k) {
      batch->future.push_back(random.Uniform(-1.0f, 1.0f));
      targets->push_back(row % 5 == k ? std::numeric_limits<float>::quiet_NaN()
                                      : random.Uniform(-1.0f, 1.0f));
    }
  }
  batch->inputs.resize(6 * 11 * 2);
  for (float& value : batch->inputs) value = random.Uniform(-1.0f, 1.0f);
}

Weights WeightsWithThreads(int threads) {
  const NetworkSpec spec = SmallForecaster();
  LearnerOptions options;
  options.loss.kind = LossKind::kMse;
  options.threads = threads;
  auto learner = Learner::Create(spec, InitialWeights(spec, {}, 1), options);
  SequenceBatch batch;
  std::vector<float> targets;
  RaggedBatch(&batch, &targets);
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(learner->Step(batch, targets).ok());
  }
  return learner->averaged();
}

TEST(LearnerTest, AnyNumberOfThreadsGivesTheSameBits) {
  UseOneThreadPerCall();
  const Weights one = WeightsWithThreads(1);
  for (int threads : {2, 3, 4, 0}) {
    EXPECT_EQ(WeightsWithThreads(threads), one) << threads;
  }
}

TEST(LearnerTest, GoesOnFromASavedStateWithTheSameBits) {
  UseOneThreadPerCall();
  const NetworkSpec spec = SmallForecaster();
  LearnerOptions options;
  options.loss.kind = LossKind::kMse;
  SequenceBatch batch;
  std::vector<float> targets;
  RaggedBatch(&batch, &targets);
  const auto step = [&](Learner* learner) {
    EXPECT_TRUE(learner->Step(batch, targets).ok());
  };
  auto whole = Learner::Create(spec, InitialWeights(spec, {}, 1), options);
  for (int i = 0; i < 5; ++i) step(&*whole);
  StateArchive written;
  whole->Carry(written);
  for (int i = 0; i < 5; ++i) step(&*whole);

  auto resumed = Learner::Create(spec, InitialWeights(spec, {}, 2), options);
  StateArchive read(written.bytes());
  resumed->Carry(read);
  ASSERT_TRUE(read.Finish().ok()) << read.Finish();
  EXPECT_EQ(resumed->steps(), 5);
  for (int i = 0; i < 5; ++i) step(&*resumed);
  EXPECT_EQ(resumed->averaged(), whole->averaged());
  EXPECT_EQ(resumed->weights(), whole->weights());
}

TEST(LearnerTest, RefusesTheStateOfAnotherNetwork) {
  UseOneThreadPerCall();
  NetworkSpec spec = XorNetwork();
  auto small = Learner::Create(spec, InitialWeights(spec, {}, 1), XorOptions());
  StateArchive written;
  small->Carry(written);
  spec.hidden_size = 3;
  const Weights initial = InitialWeights(spec, {}, 1);
  auto large = Learner::Create(spec, initial, XorOptions());
  StateArchive read(written.bytes());
  large->Carry(read);
  EXPECT_EQ(read.Finish().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(large->weights(), initial);
}

TEST(LearnerTest, ShardsAddUpToTheGradientOfTheWholeBatch) {
  UseOneThreadPerCall();
  const NetworkSpec spec = SmallForecaster();
  const Weights initial = InitialWeights(spec, {}, 1);
  SequenceBatch batch;
  std::vector<float> targets;
  RaggedBatch(&batch, &targets);
  LearnerOptions options;
  options.loss.kind = LossKind::kMse;
  options.dropout = 0.0f;
  options.optimizer.kind = OptimizerKind::kSgd;
  options.optimizer.learning_rate = 1.0;
  options.optimizer.weight_decay = 0.0;
  options.optimizer.clip_norm = 0.0;
  options.optimizer.warm_up_steps = 0;
  auto learner = Learner::Create(spec, initial, options);
  const auto loss = learner->Step(batch, targets);
  ASSERT_TRUE(loss.ok()) << loss.status();

  auto network = CreateOnednnTrainableNetwork(spec, initial);
  std::vector<float> outputs;
  std::vector<float> d_outputs;
  Weights gradients;
  ASSERT_TRUE((*network)->Forward(batch, {}, &outputs).ok());
  EXPECT_NEAR(*loss,
              EvaluateLoss(options.loss, outputs, targets,
                           GivenTargets(targets), &d_outputs),
              1e-6);
  ASSERT_TRUE((*network)->Backward(d_outputs, &gradients).ok());
  for (const auto& [name, before] : initial) {
    for (size_t i = 0; i < before.values.size(); ++i) {
      EXPECT_NEAR(learner->weights().at(name).values[i],
                  before.values[i] - gradients.at(name).values[i], 1e-5f)
          << name;
    }
  }
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
