#include "model/servable/servable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "model/network/random_weights.h"
#include "model/network/reference/reference_engine.h"

namespace recur {
namespace {

using ::testing::HasSubstr;

std::shared_ptr<const Engine> EngineOf(const NetworkSpec& network) {
  auto engine = CreateReferenceEngine(network, RandomWeights(network, 1, 0.5f));
  EXPECT_TRUE(engine.ok()) << engine.status();
  return *std::move(engine);
}

// Forecasts one of two columns a day ahead, with a calendar and a season.
ModelSpec ForecastSpec() {
  ModelSpec spec;
  spec.task = Task::kForecast;
  spec.features.columns = {{.name = "load"}, {.name = "wind"}};
  spec.features.targets = {0};
  spec.features.output_scale = {1.0};
  spec.features.interval = std::chrono::hours(24);
  spec.features.calendar.year_harmonics = 2;
  spec.features.seasons = {3};
  spec.network.cell.kind = CellKind::kLstm;
  spec.network.hidden_size = 4;
  spec.network.layers = 2;
  spec.network.head = Head::kForecast;
  spec.network.horizon = 2;
  spec.network.targets = 1;
  spec.network.levels = 1;
  spec.network.decoder_size = 3;
  spec.network.input_size = InputWidth(spec.features);
  spec.network.future_size = FutureWidth(spec.features);
  return spec;
}

ModelSpec TextSpecOf(int vocabulary_size) {
  ModelSpec spec;
  spec.takes_text = true;
  spec.labels = {"off", "on"};
  spec.network.vocabulary_size = vocabulary_size;
  spec.network.embedding_size = 2;
  spec.network.hidden_size = 3;
  spec.network.classes = 2;
  return spec;
}

ModelSpec ClassifySpec(bool bidirectional) {
  ModelSpec spec;
  spec.features.columns = {{.name = "a"}, {.name = "b"}};
  spec.labels = {"off", "on"};
  spec.network.input_size = 2;
  spec.network.hidden_size = 3;
  spec.network.classes = 2;
  spec.network.bidirectional = bidirectional;
  return spec;
}

TEST(ServableTest, PutsFeaturesTokenizerAndEngineTogether) {
  const ModelSpec spec = ForecastSpec();
  const auto engine = EngineOf(spec.network);
  const auto model = MakeServable(spec, {}, engine);
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->spec, spec);
  EXPECT_EQ(model->engine, engine);
  EXPECT_EQ(model->features.input_size(), spec.network.input_size);
  EXPECT_FALSE(model->tokenizer.has_value());

  const ModelSpec text = TextSpecOf(3);
  const auto texts =
      MakeServable(text, {"hot", "cold"}, EngineOf(text.network));
  ASSERT_TRUE(texts.ok()) << texts.status();
  ASSERT_TRUE(texts->tokenizer.has_value());
  EXPECT_EQ(texts->tokenizer->Encode("Cold or hot"),
            (std::vector<int32_t>{2, 0, 1}));
}

TEST(ServableTest, HoldsSessionsOnlyIfItStepsAndTakesNumbers) {
  const auto made = [](const ModelSpec& spec) {
    return *MakeServable(spec, {}, EngineOf(spec.network));
  };
  EXPECT_TRUE(made(ForecastSpec()).Steps());
  EXPECT_TRUE(made(ClassifySpec(false)).Steps());
  EXPECT_FALSE(made(ClassifySpec(true)).Steps());
  EXPECT_FALSE(made(TextSpecOf(2)).Steps());
}

TEST(ServableTest, RefusesWidthsThatDoNotAgreeNamingBoth) {
  ModelSpec inputs = ForecastSpec();
  const int right = inputs.network.input_size++;
  const auto wide = MakeServable(inputs, {}, EngineOf(inputs.network));
  EXPECT_EQ(wide.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(wide.status().message()),
              HasSubstr("input_size is " + std::to_string(right + 1)));
  EXPECT_THAT(std::string(wide.status().message()),
              HasSubstr(std::to_string(right) + " inputs"));

  ModelSpec future = ForecastSpec();
  ++future.network.future_size;
  EXPECT_THAT(std::string(MakeServable(future, {}, EngineOf(future.network))
                              .status()
                              .message()),
              HasSubstr("future_size"));
}

TEST(ServableTest, RefusesTokensThatTheEmbeddingHasNot) {
  const ModelSpec spec = TextSpecOf(3);
  const auto engine = EngineOf(spec.network);
  const auto status =
      MakeServable(spec, {"hot", "cold", "mild"}, engine).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(),
            "the vocabulary has 3 entries; network.vocabulary_size of 3 "
            "allows 2");
  EXPECT_FALSE(MakeServable(spec, {"hot", "hot"}, engine).ok());
}

TEST(ServableTest, RefusesASpecThatIsNotValid) {
  ModelSpec spec = ClassifySpec(false);
  const auto engine = EngineOf(spec.network);
  spec.labels.pop_back();
  EXPECT_EQ(MakeServable(spec, {}, engine).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(ServableTest, StartsSequencesFromZero) {
  const ModelSpec spec = ForecastSpec();
  const auto model = *MakeServable(spec, {}, EngineOf(spec.network));
  const SequenceState state = InitialState(model);
  // Two layers of h and c.
  EXPECT_EQ(state.hidden, std::vector<float>(2 * 2 * 4, 0.0f));
  EXPECT_EQ(state.features.values.size(),
            static_cast<size_t>(model.features.state_size()));
  EXPECT_EQ(state.features.last_time_us, FeatureState::kNoTime);
  EXPECT_EQ(state.features.observed, 0);

  const ModelSpec both_ways = ClassifySpec(true);
  EXPECT_TRUE(
      InitialState(*MakeServable(both_ways, {}, EngineOf(both_ways.network)))
          .hidden.empty())
      << "whole sequences keep no state";
}

}  // namespace
}  // namespace recur
