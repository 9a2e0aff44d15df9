#include "server/lane/whole_sequence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "model/network/random_weights.h"
#include "model/spec/error_reason.h"
#include "tests/unit/server/lane/lane_fixture.h"
#include "tests/unit/server/lane/watched_engine.h"

namespace recur {
namespace {

using ::testing::HasSubstr;

Model BothWays(uint64_t seed, bool text) {
  Model model;
  NetworkSpec& network = model.spec.network;
  network.cell.kind = CellKind::kLstm;
  network.hidden_size = 3;
  network.layers = 2;
  network.bidirectional = true;
  network.classes = 2;
  model.spec.labels = {"off", "on"};
  if (text) {
    model.spec.takes_text = true;
    model.vocabulary = {"hot", "cold"};
    network.vocabulary_size = 3;
    network.embedding_size = 2;
  } else {
    model.spec.features.columns = {
        {.name = "a", .mean = 3, .scale = 2, .may_be_missing = true}};
    network.input_size = InputWidth(model.spec.features);
  }
  model.weights = RandomWeights(network, seed, 0.5f);
  return model;
}

// What the network says of these inputs alone.
std::vector<float> Alone(const Servable& model,
                         const std::vector<float>& inputs,
                         const std::vector<int32_t>& tokens) {
  auto workspace = *model.engine->CreateWorkspace(1);
  std::vector<float> output(OutputSize(model.spec.network));
  const bool text = model.spec.takes_text;
  const size_t steps =
      text ? tokens.size() : inputs.size() / model.spec.network.input_size;
  const SequenceRow row{.steps = static_cast<int>(steps),
                        .inputs = text ? nullptr : inputs.data(),
                        .tokens = text ? tokens.data() : nullptr,
                        .output = output.data()};
  EXPECT_TRUE(workspace->RunSequences({&row, 1}).ok());
  return output;
}

class WholeSequenceTest : public LaneTest {
 protected:
  // Runs them all together; answers in order.
  std::vector<absl::StatusOr<Answer>> Run(std::vector<WholeSequence> wholes) {
    std::vector<absl::StatusOr<Answer>> answers(
        wholes.size(), absl::UnknownError("not called"));
    for (size_t i = 0; i < wholes.size(); ++i) {
      wholes[i].done = [&answers, i](absl::StatusOr<Answer> answer) {
        EXPECT_EQ(answers[i].status().message(), "not called");
        answers[i] = std::move(answer);
      };
      lane_.Submit(std::move(wholes[i]), now_);
    }
    RunDry();
    EXPECT_EQ(lane_.stats().queued_items.value(), 0);
    return answers;
  }

  static std::vector<float> ProbabilitiesOf(const absl::StatusOr<Answer>& a) {
    EXPECT_TRUE(a.ok()) << a.status();
    return a.ok() ? std::get<Classification>(*a).probabilities
                  : std::vector<float>();
  }
};

TEST_F(WholeSequenceTest, AnswersBidirectionalSequencesEachAsIfAlone) {
  const auto sensor = ServableOf(BothWays(1, /*text=*/false), "sensor");
  const auto text = ServableOf(BothWays(2, /*text=*/true), "text");
  std::vector<WholeSequence> wholes;
  std::vector<std::vector<float>> expected;
  for (int i = 0; i < 30; ++i) {
    if (i % 3 == 0) {
      const std::vector<int32_t> tokens(1 + i, i % 2);
      expected.push_back(Alone(*text, {}, tokens));
      wholes.push_back({.model = text, .tokens = tokens});
      continue;
    }
    std::vector<double> values;
    std::vector<float> inputs;
    for (int step = 0; step <= i; ++step) {
      values.push_back(step % 5);
      // (value - mean) / scale, and that it is not missing.
      inputs.push_back((step % 5 - 3) / 2.0f);
      inputs.push_back(0.0f);
    }
    expected.push_back(Alone(*sensor, inputs, {}));
    wholes.push_back({.model = sensor, .values = values});
  }
  const auto answers = Run(std::move(wholes));
  for (size_t i = 0; i < answers.size(); ++i) {
    EXPECT_EQ(ProbabilitiesOf(answers[i]), expected[i]) << i;
  }
}

TEST_F(WholeSequenceTest, RunsBidirectionalSequencesAFewThousandStepsAtATime) {
  Watch watch;
  const auto sensor =
      Watched(ServableOf(BothWays(1, /*text=*/false), "sensor"), &watch);
  std::vector<WholeSequence> wholes;
  for (const size_t steps : {2000, 2000, 97, 5000, 3, 4000}) {
    wholes.push_back(
        {.model = sensor, .values = std::vector<double>(steps, 1.0)});
  }
  for (const auto& answer : Run(std::move(wholes))) ProbabilitiesOf(answer);
  EXPECT_THAT(watch.sequence_steps,
              ::testing::ElementsAre(4000, 97, 5000, 4003));
}

TEST_F(WholeSequenceTest, LetsTheLastValueStandInForMissingOnes) {
  const auto sensor = ServableOf(BothWays(1, /*text=*/false), "sensor");
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto answers = Run([&] {
    std::vector<WholeSequence> wholes;
    wholes.push_back({.model = sensor, .values = {5, nan, 1}});
    return wholes;
  }());
  EXPECT_EQ(ProbabilitiesOf(answers[0]),
            Alone(*sensor, {1, 0, 1, 1, -1, 0}, {}));
}

TEST_F(WholeSequenceTest, DropsThoseWhoseDeadlineHasPassed) {
  const auto sensor = ServableOf(BothWays(1, /*text=*/false), "sensor");
  std::vector<WholeSequence> wholes;
  for (int i = 0; i < 20; ++i) {
    wholes.push_back({.model = i % 2 ? sensor : model_, .values = {1, 2}});
    if (i % 4 < 2) wholes.back().deadline = now_;
  }
  const auto answers = Run(std::move(wholes));
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(ReasonOf(answers[i].status()).value_or("ok"),
              i % 4 < 2 ? "deadline_exceeded" : "ok")
        << i;
  }
}

TEST_F(WholeSequenceTest, DropsALateSequenceEvenWhenItHasBegun) {
  absl::StatusOr<Answer> answer = absl::UnknownError("not called");
  lane_.Submit(
      WholeSequence{.model = model_,
                    .values = std::vector<double>(100, 1.0),
                    .deadline = now_ + std::chrono::seconds(1),
                    .done = [&](absl::StatusOr<Answer> a) { answer = a; }},
      now_);
  for (int i = 0; i < 10; ++i) lane_.Tick(now_);
  EXPECT_EQ(answer.status().message(), "not called");
  now_ += std::chrono::seconds(2);
  lane_.Tick(now_);
  EXPECT_EQ(ReasonOf(answer.status()), "deadline_exceeded");
  EXPECT_TRUE(lane_.idle());
}

TEST_F(WholeSequenceTest, RefusesSequencesBeyondTheQueue) {
  Lane small({.max_queued_items = 2});
  std::vector<std::string> reasons;
  for (int i = 0; i < 4; ++i) {
    small.Submit(
        WholeSequence{.model = model_,
                      .values = {1},
                      .done =
                          [&](absl::StatusOr<Answer> answer) {
                            reasons.push_back(
                                ReasonOf(answer.status()).value_or("ok"));
                          }},
        now_);
  }
  while (small.Tick(now_)) {
  }
  EXPECT_THAT(reasons,
              ::testing::ElementsAre("queue_full", "queue_full", "ok", "ok"));
}

TEST_F(WholeSequenceTest, RefusesSequencesBeyondTheBytesThatMayWait) {
  Lane small({.max_queued_bytes = 100 * sizeof(double)});
  std::vector<std::string> outcomes;
  const auto submit = [&](size_t steps) {
    small.Submit(
        WholeSequence{.model = model_,
                      .values = std::vector<double>(steps, 1.0),
                      .done =
                          [&](absl::StatusOr<Answer> answer) {
                            outcomes.push_back(
                                answer.ok()
                                    ? "ok"
                                    : std::string(answer.status().message()));
                          }},
        now_);
  };
  const auto run_dry = [&] {
    while (small.Tick(now_)) {
    }
  };
  submit(60);
  submit(40);
  submit(1);
  EXPECT_THAT(outcomes,
              ::testing::ElementsAre(
                  "whole sequences of 800 bytes wait on this lane; 8 more "
                  "exceed the limit of 800"));
  run_dry();
  submit(101);
  run_dry();
  EXPECT_THAT(outcomes, ::testing::ElementsAre(::testing::_, "ok", "ok", "ok"))
      << "one is taken, however large";
}

TEST_F(WholeSequenceTest, ChecksWhatTheModelCannotTake) {
  const auto text = ServableOf(BothWays(2, /*text=*/true), "text");
  const auto pair = ServableOf(AccumulatorModel(2), "pair");
  const auto check = [](WholeSequence whole, int max_steps) {
    return CheckWholeSequence(whole, max_steps);
  };
  EXPECT_TRUE(check({.model = pair, .values = {1, 2, 3, 4}}, 2).ok());
  EXPECT_EQ(check({.model = pair, .values = {1, 2, 3, 4}}, 1).message(),
            "the sequence has 2 steps; the limit is 1");
  EXPECT_EQ(ReasonOf(check({.model = pair}, 9)), "empty_sequence");
  EXPECT_EQ(ReasonOf(check({.model = pair, .values = {1, 2, 3}}, 9)),
            "wrong_width");
  EXPECT_EQ(
      ReasonOf(check({.model = pair, .values = {1, 2}, .times_us = {1, 2}}, 9)),
      "bad_columns");
  EXPECT_EQ(ReasonOf(check({.model = pair, .values = {1, 2}, .known = {1}}, 9)),
            "wrong_known");
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto missing = check({.model = pair, .values = {1, 2, 3, nan}}, 9);
  EXPECT_EQ(ReasonOf(missing), "missing_value");
  EXPECT_THAT(std::string(missing.message()), HasSubstr("step 2: "));
  EXPECT_TRUE(check({.model = text, .tokens = {1, 2}}, 2).ok());
  EXPECT_EQ(ReasonOf(check({.model = text, .tokens = {1, 2}}, 1)),
            "sequence_too_long");
  EXPECT_EQ(ReasonOf(check({.model = text}, 9)), "empty_sequence");
}

}  // namespace
}  // namespace recur
