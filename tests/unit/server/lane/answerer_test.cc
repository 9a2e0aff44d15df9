#include "server/lane/answerer.h"

#include <gtest/gtest.h>

#include <limits>

#include "model/network/random_weights.h"
#include "tests/unit/server/lane/lane_fixture.h"

namespace recur {
namespace {

// Forecasts "load" two steps ahead from itself and "holiday", known ahead.
Model HolidayModel() {
  Model model;
  ModelSpec& spec = model.spec;
  spec.task = Task::kForecast;
  spec.quantiles = {0.1, 0.5, 0.9};
  spec.features.columns = {{.name = "load", .mean = 100, .scale = 10},
                           {.name = "holiday", .known_ahead = true}};
  spec.features.targets = {0};
  spec.features.output_scale = {10};
  spec.network.cell.kind = CellKind::kGru;
  spec.network.hidden_size = 4;
  spec.network.head = Head::kForecast;
  spec.network.horizon = 2;
  spec.network.targets = 1;
  spec.network.levels = 3;
  spec.network.decoder_size = 5;
  spec.network.input_size = InputWidth(spec.features);
  spec.network.future_size = FutureWidth(spec.features);
  model.weights = RandomWeights(spec.network, 4, 0.6f);
  return model;
}

Model LabelModel() {
  Model model;
  model.spec.features.columns = {{.name = "a"}};
  model.spec.labels = {"off", "on"};
  model.spec.network.input_size = 1;
  model.spec.network.hidden_size = 3;
  model.spec.network.head = Head::kSigmoid;
  model.spec.network.classes = 1;
  model.weights = RandomWeights(model.spec.network, 4, 0.6f);
  return model;
}

// `count` states that differ.
std::vector<SequenceState> States(const Servable& model, size_t count) {
  std::vector<SequenceState> states(count, InitialState(model));
  for (size_t i = 0; i < count; ++i) {
    for (float& value : states[i].hidden) value = 0.1f * (i + 1);
    std::vector<double> values(model.spec.features.columns.size(), i);
    std::vector<float> inputs(model.features.input_size());
    model.features.Apply({.values = values}, Advance{}, &states[i].features,
                         inputs.data());
  }
  return states;
}

// What one state gets, from the network and the features directly.
Forecast Alone(const Servable& model, const SequenceState& state,
               const std::vector<double>& known) {
  auto workspace = *model.engine->CreateWorkspace(1);
  const NetworkSpec& network = model.spec.network;
  std::vector<float> future(network.horizon * network.future_size);
  model.features.Future(state.features, network.horizon, known, future.data());
  std::vector<float> output(OutputSize(network));
  const HeadRow row{.state = state.hidden.data(),
                    .future = future.data(),
                    .output = output.data()};
  EXPECT_TRUE(workspace->RunHead({&row, 1}).ok());
  return model.features.ToForecast(model.spec, state.features, output);
}

TEST(AnswererTest, AnswersEachStateAsIfAloneAndOnlyReadsIt) {
  const auto model = ServableOf(HolidayModel(), "load");
  auto workspace = *model->engine->CreateWorkspace(8);
  const std::vector<SequenceState> states = States(*model, 5);
  const std::vector<SequenceState> before = states;
  const std::vector<std::vector<double>> known = {
      {}, {1, 0}, {0, 1}, {}, {5, 5}};
  std::vector<AnswerRequest> requests;
  for (size_t i = 0; i < states.size(); ++i) {
    requests.push_back({.features = states[i].features,
                        .hidden = states[i].hidden.data(),
                        .known = known[i]});
  }
  Answerer answerer;
  std::vector<std::shared_ptr<const Answer>> answers;
  // The second time its scratch holds the numbers of the first.
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(
        answerer.Answer(*model, workspace.get(), requests, &answers).ok());
    ASSERT_EQ(answers.size(), states.size());
    for (size_t i = 0; i < states.size(); ++i) {
      EXPECT_EQ(std::get<Forecast>(*answers[i]),
                Alone(*model, states[i], known[i]))
          << i;
    }
  }
  EXPECT_EQ(states, before);
  EXPECT_NE(Alone(*model, states[1], {1, 0}), Alone(*model, states[1], {0, 1}))
      << "what is known ahead counts";
}

TEST(AnswererTest, GivesBothProbabilitiesOfASigmoid) {
  const auto model = ServableOf(LabelModel(), "label");
  auto workspace = *model->engine->CreateWorkspace(8);
  const std::vector<SequenceState> states = States(*model, 2);
  Answerer answerer;
  std::vector<std::shared_ptr<const Answer>> answers;
  ASSERT_TRUE(answerer
                  .Answer(*model, workspace.get(),
                          {{states[0].features, states[0].hidden.data(), {}},
                           {states[1].features, states[1].hidden.data(), {}}},
                          &answers)
                  .ok());
  for (const auto& answer : answers) {
    const auto& p = std::get<Classification>(*answer).probabilities;
    ASSERT_EQ(p.size(), 2u);
    EXPECT_FLOAT_EQ(p[0] + p[1], 1.0f);
  }
  EXPECT_NE(*answers[0], *answers[1]);
}

}  // namespace
}  // namespace recur
