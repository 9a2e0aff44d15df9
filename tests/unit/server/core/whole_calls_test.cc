// Service: Classify and Forecast of whole texts and sequences.

#include <gmock/gmock.h>

#include <limits>
#include <random>

#include "model/spec/error_reason.h"
#include "tests/unit/server/core/service_fixture.h"

namespace recur {
namespace {

// The probabilities that the network alone gives, row by row.
std::vector<float> Alone(const Model& model, const std::vector<double>& values,
                         const std::vector<int32_t>& tokens) {
  const NetworkSpec& network = model.spec.network;
  auto engine = *CreateReferenceEngine(network, model.weights);
  auto workspace = *engine->CreateWorkspace(1);
  std::vector<float> input(values.begin(), values.end());
  std::vector<float> output(OutputSize(network));
  const size_t width = network.input_size;
  const size_t steps = tokens.empty() ? input.size() / width : tokens.size();
  if (network.bidirectional) {
    const SequenceRow row{.steps = static_cast<int>(steps),
                          .inputs = input.data(),
                          .tokens = nullptr,
                          .output = output.data()};
    EXPECT_TRUE(workspace->RunSequences({&row, 1}).ok());
    return output;
  }
  std::vector<float> state(HiddenStateSize(network));
  for (size_t i = 0; i < steps; ++i) {
    const StepRow row{.input = tokens.empty() ? &input[i * width] : nullptr,
                      .token = tokens.empty() ? 0 : tokens[i],
                      .state = state.data()};
    EXPECT_TRUE(workspace->Step({&row, 1}).ok());
  }
  const HeadRow row{
      .state = state.data(), .future = nullptr, .output = output.data()};
  EXPECT_TRUE(workspace->RunHead({&row, 1}).ok());
  return output;
}

TEST_F(ServiceTest, ClassifiesSequencesOfDifferentLengthsEachAsIfAlone) {
  std::mt19937 random(3);
  for (const auto& [name, model] :
       {std::pair<std::string, Model>{"sensor", SmallModel(7)},
        std::pair<std::string, Model>{"both_ways", BothWaysModel()}}) {
    ClassifyCall call{.model = name};
    std::vector<std::vector<float>> expected;
    for (const size_t steps : {1, 30, 2, 7, 50, 7, 3, 1, 12, 40, 5, 6}) {
      RawSequence sequence;
      for (size_t i = 0; i < 2 * steps; ++i) {
        sequence.values.push_back(static_cast<int>(random() % 200) / 64.0 - 1);
      }
      expected.push_back(Alone(model, sequence.values, {}));
      call.sequences.push_back(std::move(sequence));
    }
    const auto result = Classify(std::move(call));
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->model->name, name);
    EXPECT_EQ(result->model->version, 1);
    ASSERT_EQ(result->answers.size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(result->answers[i].probabilities, expected[i])
          << name << " input " << i;
    }
  }
}

TEST_F(ServiceTest, ClassifiesTextsOfDifferentLengthsEachAsIfAlone) {
  const Model model = TextModel();
  const auto result = Classify(
      {.model = "text",
       .texts = {"Pump leaks", "cold", "the pump hot hot HOT cold leaks"}});
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->answers.size(), 3u);
  EXPECT_EQ(result->answers[0].probabilities, Alone(model, {}, {1, 4}));
  EXPECT_EQ(result->answers[1].probabilities, Alone(model, {}, {3}));
  EXPECT_EQ(result->answers[2].probabilities,
            Alone(model, {}, {0, 1, 2, 2, 2, 3, 4}));
}

struct BadClassify {
  std::string what;
  ClassifyCall call;
  std::string reason;
  std::string message;
};

std::vector<BadClassify> BadClassifyCalls() {
  const RawSequence good{.values = {1, 2}};
  const double inf = std::numeric_limits<double>::infinity();
  std::string words = "pump";
  for (int i = 0; i < 50; ++i) words += " hot";
  return {
      {"nothing", {.model = "sensor"}, "wrong_input", "there is no text"},
      {"both",
       {.model = "sensor", .texts = {"a"}, .sequences = {good}},
       "wrong_input",
       "not both"},
      {"texts",
       {.model = "sensor", .texts = {"a"}},
       "wrong_input",
       "input 0: model \"sensor\" takes sequences, not texts"},
      {"sequences",
       {.model = "text", .sequences = {good}},
       "wrong_input",
       "input 0: model \"text\" takes texts, not sequences"},
      {"an empty text",
       {.model = "text", .texts = {"hot", " "}},
       "empty_sequence",
       "input 1: the text is empty"},
      {"an empty sequence",
       {.model = "sensor", .sequences = {good, good, {}}},
       "empty_sequence",
       "input 2: the sequence is empty"},
      {"half a step",
       {.model = "sensor", .sequences = {good, {.values = {1, 2, 3}}}},
       "wrong_width",
       "input 1: sequence has 3 values; model \"sensor\" expects 2"},
      {"an infinity",
       {.model = "sensor", .sequences = {good, {.values = {1, 2, inf, 0}}}},
       "infinite_value",
       "input 1: step 2: column \"a\" is inf"},
      {"too many times",
       {.model = "sensor",
        .sequences = {{.values = {1, 2}, .times_us = {1, 2}}}},
       "bad_columns",
       "input 0: sequence has 1 steps and 2 times"},
      {"a long sequence",
       {.model = "sensor",
        .sequences = {good, {.values = std::vector<double>(102)}}},
       "sequence_too_long",
       "input 1: the sequence has 51 steps; the limit is 50"},
      {"a long text",
       {.model = "text", .texts = {words}},
       "sequence_too_long",
       "input 0: the sequence has 51 steps; the limit is 50"},
      {"many",
       {.model = "sensor", .sequences = std::vector<RawSequence>(21, good)},
       "too_many_inputs",
       "the call has 21 inputs; the limit is 20"},
      {"a forecaster",
       {.model = "sum", .sequences = {good}},
       "wrong_want",
       "model \"sum\" does forecast; it has no classification"},
      {"no name", {.sequences = {good}}, "missing_model", "model is empty"},
  };
}

TEST_F(ServiceTest, RefusesBadClassifyCallsAndNamesTheInput) {
  for (BadClassify& bad : BadClassifyCalls()) {
    const auto result = Classify(std::move(bad.call));
    EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument)
        << bad.what;
    EXPECT_EQ(ReasonOf(result.status()), bad.reason) << bad.what;
    EXPECT_THAT(std::string(result.status().message()),
                ::testing::HasSubstr(bad.message))
        << bad.what;
  }
}

TEST_F(ServiceTest, NamesTheModelsThereAreWhenOneIsUnknown) {
  const auto result =
      Classify({.model = "nobody", .sequences = {{.values = {1, 2}}}});
  EXPECT_EQ(result.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(result.status()), "model_unknown");
  EXPECT_THAT(std::string(result.status().message()),
              ::testing::HasSubstr("sensor"));
  const auto version = Classify(
      {.model = "sensor", .version = 9, .sequences = {{.values = {1, 2}}}});
  EXPECT_EQ(ReasonOf(version.status()), "model_unknown");
  EXPECT_EQ(service_->ModelLabel("nobody"), "unknown");
  EXPECT_EQ(service_->ModelLabel("sensor"), "sensor");
}

TEST_F(ServiceTest, RefusesWholeSequencesPastTheirDeadlineOnEveryPath) {
  for (const std::string name : {"sensor", "both_ways"}) {
    const auto late = Classify({.model = name,
                                .sequences = {{.values = {1, 2}}},
                                .deadline = lanes_.now});
    EXPECT_EQ(late.status().code(), absl::StatusCode::kDeadlineExceeded)
        << name;
    EXPECT_EQ(ReasonOf(late.status()), "deadline_exceeded") << name;
    const auto in_time =
        Classify({.model = name,
                  .sequences = {{.values = {1, 2}}},
                  .deadline = lanes_.now + std::chrono::seconds(1)});
    EXPECT_TRUE(in_time.ok()) << name << in_time.status();
  }
}

TEST_F(ServiceTest, ForecastsAContextAsASessionThatSawIt) {
  ASSERT_TRUE(Open({.model = "sum", .session_id = "s"}).ok());
  ASSERT_TRUE(
      Observe({.session_id = "s", .steps = 4}, {5, 6, 7, 9}).status.ok());
  const auto of_session = Forecast(SessionForecastCall{.session_id = "s"});
  const auto of_context = Forecast(
      ForecastCall{.model = "sum", .context = {.values = {5, 6, 7, 9}}});
  ASSERT_TRUE(of_session.ok()) << of_session.status();
  ASSERT_TRUE(of_context.ok()) << of_context.status();
  EXPECT_EQ(of_context->forecast, of_session->forecast);
  EXPECT_EQ(of_context->forecast.point, std::vector<double>{27});
  EXPECT_EQ(of_session->applied_step, 4u);
  EXPECT_EQ(of_context->model->name, "sum");
  EXPECT_EQ(of_session->model, of_context->model);
}

TEST_F(ServiceTest, RefusesContextsAndNamesWhatIsWrong) {
  const auto classifier =
      Forecast(ForecastCall{.model = "sensor", .context = {.values = {1, 2}}});
  EXPECT_EQ(ReasonOf(classifier.status()), "wrong_want");
  const auto text =
      Forecast(ForecastCall{.model = "text", .context = {.values = {1}}});
  EXPECT_EQ(ReasonOf(text.status()), "wrong_want");
  const auto empty = Forecast(ForecastCall{.model = "sum"});
  EXPECT_EQ(ReasonOf(empty.status()), "empty_sequence");
  const auto known = Forecast(ForecastCall{
      .model = "sum", .context = {.values = {1}}, .known = {1, 2}});
  EXPECT_EQ(ReasonOf(known.status()), "wrong_known");
  const auto late = Forecast(ForecastCall{
      .model = "sum", .context = {.values = {1}}, .deadline = lanes_.now});
  EXPECT_EQ(ReasonOf(late.status()), "deadline_exceeded");
}

constexpr int64_t kHourUs = int64_t{3600} * 1'000'000;

TEST_F(ServiceTest, SpreadsTheTimesOfAContextFromItsStart) {
  const int64_t start_us = int64_t{1'700'000'000} * 1'000'000;
  const auto spread = Forecast(
      ForecastCall{.model = "hourly",
                   .context = {.values = {1, 2, 3}, .start_us = start_us}});
  ASSERT_TRUE(spread.ok()) << spread.status();
  EXPECT_EQ(spread->forecast.start_us, start_us + 3 * kHourUs);
  const auto given = Forecast(ForecastCall{
      .model = "hourly",
      .context = {
          .values = {1, 2, 3},
          .times_us = {start_us, start_us + kHourUs, start_us + 2 * kHourUs}}});
  ASSERT_TRUE(given.ok()) << given.status();
  EXPECT_EQ(given->forecast, spread->forecast);
}

TEST_F(ServiceTest, RefusesAStartThatNoCalendarHas) {
  for (const int64_t start_us : {std::numeric_limits<int64_t>::max(),
                                 std::numeric_limits<int64_t>::max() - 1,
                                 std::numeric_limits<int64_t>::min() + 1}) {
    const auto result = Forecast(
        ForecastCall{.model = "hourly",
                     .context = {.values = {1, 2, 3}, .start_us = start_us}});
    EXPECT_EQ(ReasonOf(result.status()), "time_out_of_range") << start_us;
    const auto open = Open({.model = "hourly", .start_us = start_us});
    EXPECT_EQ(ReasonOf(open.status()), "time_out_of_range") << start_us;
  }
}

TEST_F(ServiceTest, CountsMissedIntervalsTowardsTheLengthOfASequence) {
  RawSequence sequence;
  for (int i = 0; i < 14; ++i) {  // 1 + 13 * 4 = 53 network steps
    sequence.values.push_back(1);
    sequence.times_us.push_back(i * 4 * kHourUs);
  }
  const auto result =
      Forecast(ForecastCall{.model = "hourly", .context = sequence});
  EXPECT_EQ(ReasonOf(result.status()), "sequence_too_long");
  EXPECT_EQ(result.status().message(),
            "the sequence has 53 steps; the limit is 50");
  sequence.values.pop_back();
  sequence.times_us.pop_back();
  EXPECT_TRUE(
      Forecast(ForecastCall{.model = "hourly", .context = sequence}).ok());
}

}  // namespace
}  // namespace recur
