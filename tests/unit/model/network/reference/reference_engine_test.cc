#include "model/network/reference/reference_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "model/network/random_weights.h"
#include "model/network/reference/reference_network.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;

std::vector<Cell> AllCells() {
  return {{CellKind::kRnn, Activation::kTanh},
          {CellKind::kRnn, Activation::kRelu},
          {CellKind::kRnn, Activation::kSigmoid},
          {CellKind::kLstm},
          {CellKind::kGru, Activation::kTanh, true},
          {CellKind::kGru, Activation::kTanh, false}};
}

NetworkSpec OneUnit(Cell cell) {
  NetworkSpec spec;
  spec.cell = cell;
  spec.head = Head::kSigmoid;
  spec.classes = 1;
  return spec;
}

NetworkSpec ForecastSpec(Cell cell, int layers, bool bidirectional) {
  NetworkSpec spec;
  spec.cell = cell;
  spec.input_size = 3;
  spec.hidden_size = 5;
  spec.layers = layers;
  spec.bidirectional = bidirectional;
  spec.head = Head::kForecast;
  spec.horizon = 3;
  spec.targets = 2;
  spec.levels = 2;
  spec.future_size = 2;
  spec.decoder_size = 4;
  return spec;
}

// Values in file order, tensor after tensor.
Weights Listed(const NetworkSpec& spec, const std::vector<float>& values) {
  Weights weights;
  auto next = values.begin();
  for (const TensorShape& shape : WeightShapes(spec)) {
    const auto end = next + ElementCount(shape.dims);
    weights[shape.name] = {shape.dims, std::vector<float>(next, end)};
    next = end;
  }
  EXPECT_EQ(next, values.end());
  return weights;
}

struct Ready {
  Ready(const NetworkSpec& spec, const Weights& weights)
      : engine(CreateReferenceEngine(spec, weights).value()),
        workspace(engine->CreateWorkspace(8).value()) {}

  std::vector<float> Step(const std::vector<float>& input,
                          std::vector<float> state) {
    EXPECT_TRUE(workspace->Step({{input.data(), 0, state.data()}}).ok());
    return state;
  }

  std::vector<float> Answer(const std::vector<float>& state,
                            const std::vector<float>& future = {}) {
    std::vector<float> output(OutputSize(engine->spec()));
    EXPECT_TRUE(
        workspace->RunHead({{state.data(), future.data(), output.data()}})
            .ok());
    return output;
  }

  std::shared_ptr<const Engine> engine;
  std::unique_ptr<Workspace> workspace;
};

Ready OneUnitRnn(Activation activation) {
  const NetworkSpec spec = OneUnit({CellKind::kRnn, activation});
  return Ready(spec, Listed(spec, {0.5f, 0.25f, 0.1f, /*head*/ 0.5f, -1.0f}));
}

// The sums are 1 * 0.5 + 0.2 * 0.25 + 0.1 = 0.65.
TEST(ReferenceEngineTest, StepsARnnAsComputedByHand) {
  EXPECT_THAT(OneUnitRnn(Activation::kTanh).Step({1}, {0.2f}),
              ElementsAre(FloatNear(0.57166997f, 1e-7f)));
  EXPECT_THAT(OneUnitRnn(Activation::kRelu).Step({1}, {0.2f}),
              ElementsAre(FloatNear(0.65f, 1e-7f)));
  EXPECT_THAT(OneUnitRnn(Activation::kRelu).Step({-1}, {0.2f}),
              ElementsAre(0.0f));
  EXPECT_THAT(OneUnitRnn(Activation::kSigmoid).Step({1}, {0.2f}),
              ElementsAre(FloatNear(0.65701046f, 1e-7f)));
}

// Sums i f g o: 0.46, 0.12, 0.98, 0.44.
TEST(ReferenceEngineTest, StepsAnLstmAsComputedByHand) {
  const NetworkSpec spec = OneUnit({CellKind::kLstm});
  Ready model(spec,
              Listed(spec, {0.1f, 0.2f, 0.3f, 0.4f, 0.5f, -0.6f, 0.7f, -0.8f,
                            0.01f, 0.02f, 0.03f, 0.04f, 0.0f, 0.0f}));
  EXPECT_THAT(model.Step({2}, {0.5f, -0.25f}),
              ElementsAre(FloatNear(0.19327793f, 1e-7f),
                          FloatNear(0.32914906f, 1e-7f)));
}

TEST(ReferenceEngineTest, StepsAGruThatResetsAfterAsComputedByHand) {
  const NetworkSpec spec = OneUnit({CellKind::kGru, Activation::kTanh, true});
  Ready model(spec, Listed(spec, {0.1f, 0.2f, 0.3f, 0.5f, -0.6f, 0.7f, 0.01f,
                                  0.02f, 0.03f, 0.04f, 0.0f, 0.0f}));
  EXPECT_THAT(model.Step({2}, {0.5f}),
              ElementsAre(FloatNear(0.57122464f, 1e-7f)));
}

TEST(ReferenceEngineTest, StepsAGruThatResetsBeforeAsComputedByHand) {
  const NetworkSpec spec = OneUnit({CellKind::kGru, Activation::kTanh, false});
  Ready model(spec, Listed(spec, {0.1f, 0.2f, 0.3f, 0.5f, -0.6f, 0.7f, 0.01f,
                                  0.02f, 0.03f, 0.0f, 0.0f}));
  EXPECT_THAT(model.Step({2}, {0.5f}),
              ElementsAre(FloatNear(0.56679618f, 1e-7f)));
}

TEST(ReferenceEngineTest, RunsTheSigmoidHeadAsComputedByHand) {
  EXPECT_THAT(OneUnitRnn(Activation::kTanh).Answer({1.0f}),
              ElementsAre(FloatNear(0.37754067f, 1e-7f)));
}

// Logits 0.5, 1.5, -1.
TEST(ReferenceEngineTest, RunsTheSoftmaxHeadAsComputedByHand) {
  NetworkSpec spec = OneUnit({CellKind::kRnn});
  spec.head = Head::kSoftmax;
  spec.classes = 3;
  Ready model(spec, Listed(spec, {0, 0, 0, 1.0f, 2.0f, -2.0f, 0, 0.5f, 0}));
  EXPECT_THAT(model.Answer({0.5f}), ElementsAre(FloatNear(0.25371618f, 1e-7f),
                                                FloatNear(0.68967209f, 1e-7f),
                                                FloatNear(0.05661173f, 1e-7f)));
}

TEST(ReferenceEngineTest, LargeLogitsDoNotOverflowTheSoftmax) {
  NetworkSpec spec = OneUnit({CellKind::kRnn});
  spec.head = Head::kSoftmax;
  spec.classes = 2;
  Ready model(spec, Listed(spec, {0, 0, 0, 0, 0, 5000.0f, -5000.0f}));
  EXPECT_THAT(model.Answer({0.0f}), ElementsAre(1.0f, 0.0f));
}

// Decoder layer: step 0 [2, 3.5], step 1 [1.5, relu(-3)].
TEST(ReferenceEngineTest, RunsTheForecastHeadAsComputedByHand) {
  NetworkSpec spec = OneUnit({CellKind::kRnn});
  spec.head = Head::kForecast;
  spec.classes = 0;
  spec.horizon = 2;
  spec.targets = 1;
  spec.levels = 2;
  spec.future_size = 1;
  spec.decoder_size = 2;
  Ready model(spec, Listed(spec, {0, 0, 0,               // cell
                                  1, -1,                 // weight_hidden
                                  0.5f, 2,               // weight_future
                                  0, 0.5f, 1, 0,         // step_bias
                                  1, 2, 3, -1,           // weight_output
                                  0.1f, 0.2f, 10.0f}));  // bias, skip
  EXPECT_THAT(model.Answer({1.0f}, {2.0f, -1.0f}),
              Pointwise(FloatNear(1e-5f), {32.6f, 20.7f, -8.4f, -6.8f}));
}

TEST(ReferenceEngineTest, TheHeadLeavesTheStateAlone) {
  const NetworkSpec spec = ForecastSpec({CellKind::kLstm}, 2, false);
  Ready model(spec, RandomWeights(spec, 1, 0.5f));
  const std::vector<float> state = RandomValues(HiddenStateSize(spec), 2, 1.0f);
  const std::vector<float> before = state;
  model.Answer(state, RandomValues(6, 3, 1.0f));
  EXPECT_EQ(state, before);
}

TEST(ReferenceEngineTest, ARowInABatchHasTheBitsItHasAlone) {
  for (const Cell& cell : AllCells()) {
    for (bool bidirectional : {false, true}) {
      SCOPED_TRACE(CellName(cell));
      const NetworkSpec spec = ForecastSpec(cell, 2, bidirectional);
      Ready model(spec, RandomWeights(spec, 1, 0.5f));
      const auto same = SameBitsInAnyBatch(*model.engine, 9);
      ASSERT_TRUE(same.ok()) << same.status();
      EXPECT_TRUE(*same);
    }
  }
}

// Forward runs layer after layer over all steps, the engine all layers at each
// step.
TEST(ReferenceEngineTest, AWholeSequenceEqualsItsSteps) {
  constexpr int kSteps = 20;
  for (const Cell& cell : AllCells()) {
    SCOPED_TRACE(CellName(cell));
    const NetworkSpec spec = ForecastSpec(cell, 3, false);
    const Weights weights = RandomWeights(spec, 4, 0.5f);
    SequenceBatch batch{kSteps, 1, {kSteps}};
    batch.inputs = RandomValues(kSteps * spec.input_size, 5, 1.0f);
    const std::vector<float> future = RandomValues(6, 6, 1.0f);
    for (int step = 0; step < kSteps; ++step) {
      batch.points.push_back({step, 0});
      batch.future.insert(batch.future.end(), future.begin(), future.end());
    }
    const auto whole =
        ReferenceNetwork::Create(spec, weights).value()->Forward(batch);
    ASSERT_TRUE(whole.ok()) << whole.status();

    Ready model(spec, weights);
    std::vector<float> state(HiddenStateSize(spec));
    for (int step = 0; step < kSteps; ++step) {
      const auto input = batch.inputs.begin() + step * spec.input_size;
      state = model.Step({input, input + spec.input_size}, state);
      const std::vector<float> output = model.Answer(state, future);
      for (size_t i = 0; i < output.size(); ++i) {
        ASSERT_NEAR(output[i], (*whole)[step * output.size() + i], 2e-6);
      }
    }
  }
}

// With equal weights in both directions and a head that takes the difference
// of the two, a palindrome's forward and backward summaries cancel out.
TEST(ReferenceEngineTest, BothDirectionsOfAPalindromeAreEqual) {
  NetworkSpec spec = OneUnit({CellKind::kLstm});
  spec.bidirectional = true;
  Weights weights = RandomWeights(spec, 8, 1.0f);
  for (const char* part : {"weight_input", "weight_hidden", "bias"}) {
    weights[LayerPrefix(0, 1) + part] = weights[LayerPrefix(0, 0) + part];
  }
  weights["head.weight"].values = {3.0f, -3.0f};
  weights["head.bias"].values = {0.0f};
  Ready model(spec, weights);
  const std::vector<float> palindrome = {1, 2, -1, 2, 1};
  const std::vector<float> other = {1, 2, -1, 2, 3};
  float output = 0;
  float other_output = 0;
  ASSERT_TRUE(model.workspace
                  ->RunSequences({{5, palindrome.data(), nullptr, &output},
                                  {5, other.data(), nullptr, &other_output}})
                  .ok());
  EXPECT_EQ(output, 0.5f);
  EXPECT_NE(other_output, 0.5f);
}

TEST(ReferenceEngineTest, RefusesWrongWeightsByName) {
  const NetworkSpec spec = OneUnit({CellKind::kGru});
  Weights weights = RandomWeights(spec, 1, 0.5f);
  weights["layers.0.forward.bias"].dims = {3, 1};
  const auto engine = CreateReferenceEngine(spec, weights);
  EXPECT_EQ(engine.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(engine.status().message(),
            "weight \"layers.0.forward.bias\" has shape [3, 1]; the network "
            "needs [4, 1]");
}

TEST(ReferenceEngineTest, ABidirectionalNetworkDoesNotStep) {
  NetworkSpec spec = OneUnit({CellKind::kRnn});
  spec.bidirectional = true;
  Ready model(spec, RandomWeights(spec, 1, 0.5f));
  float value = 0;
  EXPECT_EQ(model.workspace->Step({{&value, 0, &value}}).code(),
            absl::StatusCode::kInternal);
  EXPECT_EQ(model.workspace->RunHead({{&value, nullptr, &value}}).code(),
            absl::StatusCode::kInternal);
  spec.bidirectional = false;
  Ready other(spec, RandomWeights(spec, 1, 0.5f));
  EXPECT_EQ(
      other.workspace->RunSequences({{1, &value, nullptr, &value}}).code(),
      absl::StatusCode::kInternal);
}

TEST(ReferenceEngineTest, ATokenOutOfRangeChangesNothing) {
  NetworkSpec spec = OneUnit({CellKind::kRnn});
  spec.vocabulary_size = 3;
  spec.embedding_size = 2;
  Ready model(spec, RandomWeights(spec, 1, 0.5f));
  float first = 0.25f;
  float second = 0.5f;
  const absl::Status status =
      model.workspace->Step({{nullptr, 2, &first}, {nullptr, 3, &second}});
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(status.message(), "token is 3; it must be 0 to 2");
  EXPECT_EQ(first, 0.25f);
  EXPECT_EQ(second, 0.5f);
}

TEST(ReferenceEngineTest, SaysWhatItIs) {
  const NetworkSpec spec = OneUnit({CellKind::kRnn});
  Ready model(spec, RandomWeights(spec, 1, 0.5f));
  EXPECT_EQ(model.engine->name(), "reference");
  EXPECT_FALSE(model.engine->numerics().empty());
  EXPECT_EQ(model.engine->bytes(), 5 * 8);
  EXPECT_EQ(model.engine->spec(), spec);
  EXPECT_THAT(std::string(model.engine->CreateWorkspace(0).status().message()),
              HasSubstr("max_batch is 0"));
}

}  // namespace
}  // namespace recur
